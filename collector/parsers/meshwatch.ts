import type { Event } from '../../domain/event.ts'
import type { RejectReason } from '../../domain/reject.ts'
import { readObject } from '../json.ts'
import { readCall } from '../meshwatch/call.ts'
import { readLifecycle } from '../meshwatch/lifecycle.ts'
import type { Parser, SourceContext } from '../parser.ts'

/** Our own format: one JSON object a line, the event itself (`CallInput`, `LifecycleInput`). Unknown keys are ignored. */
export const meshwatch: Parser = {
  name: 'meshwatch',
  describes: 'JSON lines in the event schema of Meshwatch itself: calls and credential lifecycle steps',
  framing: 'line',
  carries: [
    'caller',
    'callee',
    'credential',
    'connection',
    'origin',
    'operation',
    'bytes',
    'lifecycle',
    'revocation',
  ],
  matches: ({ text }) => /"kind"\s{0,9}:\s{0,9}"(?:call|lifecycle)"/.test(text),
  parse: (record, context) => {
    const row = readObject(record)
    return typeof row === 'string' ? row : readKind(row, context)
  },
}

function readKind(
  row: Readonly<Record<string, unknown>>,
  context: SourceContext,
): readonly Event[] | RejectReason {
  const { kind } = row
  const event =
    kind === 'call' ? readCall(row, context) : kind === 'lifecycle' ? readLifecycle(row, context) : undefined
  if (event !== undefined) return typeof event === 'string' ? event : [event]
  if (kind === undefined || kind === null) return 'missing-field'
  return typeof kind === 'string' ? 'unknown-kind' : 'wrong-type'
}
