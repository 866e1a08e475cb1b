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

/** Fills a stream topic with the calls of the Envoy lines, as one collector would. */
export async function fillStream(
  client: KafkaClient,
  { topic, partitions }: OwnTopic,
  calls: number,
): Promise<FilledStream> {
  const events = Array.from({ length: CYCLE }, (_, i) => parse(envoyJson, envoyLine(i)))
  const timeOf = (call: number) => events[0].time + Math.floor((call * 1000) / CALLS_PER_SECOND)
  const first = thieves('first', partitions, timeOf(0))
  const last = thieves('last', partitions, timeOf(0))
  const packer = createPacker(partitions)
  addAll(
    packer,
    [...first, ...last].map(({ revocation }) => revocation),
    'revocations',
  )
  const producer = openProducer(client)
  let sent: Promise<unknown> = Promise.resolve()
  for (let from = 0; from < calls; from += ROUND_CALLS) {
    const to = Math.min(calls, from + ROUND_CALLS)
    for (let call = from; call < to; call++)
      addEvent(packer, { ...events[call % CYCLE], time: timeOf(call) }, { ...PLACE, offset: call })
    if (from === 0) addAll(packer, usesOf(first, timeOf(to)), 'first')
    if (to === calls) addAll(packer, usesOf(last, timeOf(to)), 'last')
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
