import {
  addEvent,
  addWatermark,
  createPacker,
  type Packer,
  partitionOf,
  seal,
} from '../../../collector/pack.ts'
import type { Parser } from '../../../collector/parser.ts'
import { envoyJson } from '../../../collector/parsers/envoy-json.ts'
import { meshwatch } from '../../../collector/parsers/meshwatch.ts'
import { credentialKey } from '../../../domain/credential.ts'
import type { Event } from '../../../domain/event.ts'
import { encodeWithin } from '../../../io/batch-split.ts'
import type { KafkaClient } from '../../../io/kafka.ts'
import { openProducer } from '../../../io/kafka-producer.ts'
import type { OwnTopic } from '../../../io/kafka-topics.ts'
import { testContext, textRecord } from '../../raw-record.ts'
import { envoyLine } from '../lines.ts'
import { type Theft, theftBy } from './thief.ts'

/** Lines after which the generator of lines makes the same calls again. */
const CYCLE = 600
const CALLEES_PER_CALLER = 60
const START = Date.UTC(2026, 0, 5)
const CALLS_PER_SECOND = 200
const LATENESS_MS = 15_000
const MOST_BATCH_BYTES = 3_500_000

/** Calls of one round of batches. */
export const ROUND_CALLS = 100_000

/** Who is to be found in a stream topic, one thief in each partition. */
export interface FilledStream {
  /** Behind the first round. */
  readonly first: readonly Theft[]
  /** Behind all. */
  readonly last: readonly Theft[]
}

/** What the calls of a stream are. */
export interface Calls {
  /** In this order. */
  readonly events: readonly Event[]
  readonly calls: number
  /** Calls that were made before, in another filling. */
  readonly before?: number
}

/** Calls of the Envoy lines. */
export function lineCalls(calls: number): Calls {
  return { events: Array.from({ length: CYCLE }, (_, i) => parse(envoyJson, envoyLine(i))), calls }
}

/** One call on each of so many edges. */
export function edgeCalls(edges: number): Calls {
  const event = parse(envoyJson, envoyLine(0))
  const name = (kind: string, i: number) => `spiffe://mesh.example/ns/team-${i % 97}/sa/${kind}-${i}`
  const events = Array.from({ length: edges }, (_, edge) => ({
    ...event,
    caller: name('caller', Math.floor(edge / CALLEES_PER_CALLER)),
    callee: name('callee', edge % CALLEES_PER_CALLER),
  }))
  return { events, calls: edges }
}

/** Fills a stream topic, as one collector would. */
export async function fillStream(
  client: KafkaClient,
  { topic, partitions }: OwnTopic,
  { events, calls, before = 0 }: Calls,
): Promise<FilledStream> {
  const timeOf = (call: number) => START + Math.floor(((before + call) * 1000) / CALLS_PER_SECOND)
  const first = thieves(`first-${before}`, partitions, START)
  const last = thieves(`last-${before}`, partitions, START)
  const packer = createPacker(partitions)
  addAll(
    packer,
    [...first, ...last].map(({ revocation }) => revocation),
    `revocations-${before}`,
  )
  const producer = openProducer(client)
  let sent: Promise<unknown> = Promise.resolve()
  for (let from = 0; from < calls; from += ROUND_CALLS) {
    const to = Math.min(calls, from + ROUND_CALLS)
    for (let call = from; call < to; call++)
      addEvent(
        packer,
        { ...events[call % events.length], time: timeOf(call) },
        { ...PLACE, offset: before + call },
      )
    if (from === 0) addAll(packer, usesOf(first, timeOf(to)), `first-${before}`)
    if (to === calls) addAll(packer, usesOf(last, timeOf(to)), `last-${before}`)
    addWatermark(packer, timeOf(to) - LATENESS_MS)
    const batches = encode(packer, timeOf(to))
    await sent
    sent = Promise.all(batches.map((records, partition) => producer.append(topic, partition, records)))
  }
  await sent
  await producer.close()
  return { first, last }
}

const PLACE = { source: 'lines/0', generation: '1', offset: 0, line: 0, index: 0 }

function parse(parser: Parser, line: string): Event {
  const events = parser.parse(textRecord(line), testContext())
  if (typeof events === 'string') throw new Error(`a line is refused: ${events}`)
  return [...events][0]
}

function addAll(packer: Packer, lines: readonly string[], source: string): void {
  for (const [offset, line] of lines.entries())
    addEvent(packer, parse(meshwatch, line), { ...PLACE, source, offset })
}

const usesOf = (thefts: readonly Theft[], time: number): string[] => thefts.map(({ use }) => use(time))

function encode(packer: Packer, at: number): readonly { readonly value: Buffer }[][] {
  const publication = { publisher: 'bench', at, marks: [] }
  return seal(packer, []).map((batch) =>
    encodeWithin({ ...batch, publication }, MOST_BATCH_BYTES).map((value) => ({ value })),
  )
}

/** One whose certificate belongs to each partition. */
function thieves(name: string, partitions: number, revokedAt: number): readonly Theft[] {
  const found = new Map<number, Theft>()
  for (let i = 0; found.size < partitions; i++) {
    const theft = theftBy(`thief-${name}-${i}`, revokedAt)
    const { credential } = parse(meshwatch, theft.revocation)
    found.set(partitionOf(credentialKey(credential!), partitions), theft)
  }
  return [...found.values()]
}
