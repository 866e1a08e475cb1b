import type { Parser } from '../../collector/parser.ts'
import { PARSERS } from '../../collector/registry.ts'
import { VISIBILITIES, type Visibility } from '../../domain/visibility.ts'
import { code, table } from './table.ts'

/** What a row of a format can give, in words. */
const MEANINGS: Readonly<Record<Visibility, string>> = {
  caller: 'who called',
  callee: 'who was called',
  credential: 'which credential the caller presented',
  connection: 'on which connection',
  origin: 'from which address, workload or node, and with which TLS fingerprint',
  operation: 'method and path template, or port',
  bytes: 'how much was moved',
  lifecycle: 'steps in the life of credentials',
  revocation: 'revocations among them',
}

/** `docs/reference/parsers.md`: the log formats and what each can carry. */
export function parsersPage(): string {
  return `# Log formats

A source's \`format\` is one of these names, or \`auto\`: then each record is read by the first format that
recognises it, in this order. What a proxy must be told to log is in [log-formats.md](../log-formats.md).

${table(
  ['format', 'what it is', 'framing'],
  PARSERS.map((parser) => [code(parser.name), parser.describes, framing(parser)]),
)}

What rows of a format can carry at best. A row may still lack a field, because the proxy was not told to log it.

${table(
  ['', ...PARSERS.map(({ name }) => code(name)), 'meaning'],
  VISIBILITIES.map((field) => [code(field), ...PARSERS.map(mark(field)), MEANINGS[field]]),
)}
`
}

function framing({ framing }: Parser): string {
  return framing === 'line' ? 'one record a line' : 'the whole file is one record'
}

function mark(field: Visibility): (parser: Parser) => string {
  return ({ carries }) => (carries.includes(field) ? 'yes' : '–')
}
