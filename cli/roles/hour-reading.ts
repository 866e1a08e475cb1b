import { Type } from 'typebox'
import { Compile } from 'typebox/compile'
import type { Fact } from '../../domain/decision.ts'
import { factShape } from '../../domain/told.ts'
import { openTopicTail, type TopicTail } from '../../io/kafka-tail.ts'
import { type Role, troubleOf } from './role.ts'

/** One partition's facts of one hour. */
export interface HourSaid {
  readonly partition: number
  /** Number of the hour that begins, since 1970. */
  readonly hour: number
  /** The hour that it spoke of before; it has nothing to say of those between. */
  readonly previous: number
  /** The hour that its stored state knows all of: it never asks for what was said up to there. */
  readonly kept: number
  readonly facts: readonly Fact[]
}

/** One of the records that an hour's facts go in. */
export interface HourRecord extends HourSaid {
  readonly piece: number
  readonly pieces: number
}

const count = Type.Integer({ minimum: 0 })
const hourRecord = Compile(
  Type.Object({
    partition: count,
    hour: count,
    previous: count,
    kept: count,
    piece: Type.Integer({ minimum: 0, maximum: 65_535 }),
    pieces: Type.Integer({ minimum: 1, maximum: 65_536 }),
    facts: Type.Array(factShape),
  }),
)

/** The topic from its beginning, as far as it has been read. */
export interface Reading {
  readonly tail: TopicTail
  /** What is known of each partition, by hour: the pieces of its facts. */
  readonly said: readonly Map<number, HourRecord[]>[]
  /** By partition: the hour that it keeps all of. What was said before `since` may be of a state that is gone. */
  readonly kept: number[]
  /** The same of the partitions of this process, as they themselves know it: others can write to the topic. */
  readonly owned: ReadonlyMap<number, number>
  readonly since: number
  /** The hour up to which nothing is known any more. */
  forgotten: number
  /** Those who wait for the others wait together. */
  arrival: Promise<void> | undefined
}

const LOOK_EVERY_MS = 100

/** @param failed told when the topic cannot be read on */
export function beginReading(role: Role, owned: Reading['owned'], failed: (error: Error) => void): Reading {
  const { client, config, topics, clock } = role
  const tail = openTopicTail(client, {
    topic: topics.facts.topic,
    group: `${config.kafka.group}-facts`,
    whenGone: 'continue',
    trouble: troubleOf(role, 'facts'),
  })
  tail.ended.catch(failed)
  const said = Array.from({ length: config.kafka.partitions.stream }, () => new Map<number, HourRecord[]>())
  const kept = said.map(() => 0)
  return { tail, said, kept, owned, since: clock(), forgotten: 0, arrival: undefined }
}

/** Waits until there may be more to read. */
export function arrived(reading: Reading): Promise<void> {
  reading.arrival ??= reading.tail.arrived(LOOK_EVERY_MS).finally(() => {
    reading.arrival = undefined
  })
  return reading.arrival
}

/** What is said again after a crash is the same; the first time counts. */
export function readOn({ log }: Role, reading: Reading): void {
  for (let slice = reading.tail.read(); slice !== undefined; slice = reading.tail.read())
    for (const { value, offset, time } of slice.records) {
      const record = readHourRecord(value)
      if (record === undefined || record.partition >= reading.said.length)
        log('error', 'facts that cannot be read are left out', { offset })
      else note(reading, record, time)
    }
  forgetKept(reading)
}

function note({ said, kept, since }: Reading, record: HourRecord, time: number): void {
  const { partition, hour, piece } = record
  const pieces = said[partition].get(hour) ?? []
  pieces[piece] ??= record
  said[partition].set(hour, pieces)
  if (time >= since) kept[partition] = Math.max(kept[partition], record.kept)
}

/** undefined for bytes that no analyzer of ours wrote. */
function readHourRecord(value: Uint8Array | null): HourRecord | undefined {
  try {
    const record: unknown = JSON.parse(new TextDecoder().decode(value ?? new Uint8Array()))
    return hourRecord.Check(record) && record.facts.every(isOf(record.partition)) ? record : undefined
  } catch {
    return undefined
  }
}

/** Nobody speaks for another: what is known of a partition grows with the partitions that there are. */
function isOf(own: number): (fact: Fact) => boolean {
  return ({ partition }) => partition === undefined || partition === own
}

/** What every partition keeps nobody asks for again, but whose store was rolled back. */
function forgetKept(reading: Reading): void {
  const kept = reading.kept.map((hour, partition) => reading.owned.get(partition) ?? hour)
  reading.forgotten = Math.max(reading.forgotten, Math.min(...kept))
  for (const hours of reading.said)
    for (const hour of hours.keys()) if (hour <= reading.forgotten) hours.delete(hour)
}

const isWhole = (pieces: readonly HourRecord[]): boolean =>
  pieces[0] !== undefined && Object.keys(pieces).length === pieces[0].pieces

/** True when all that the partition says up to the hour is known. */
export function hasSpoken(hours: ReadonlyMap<number, HourRecord[]>, hour: number): boolean {
  for (const [later, pieces] of hours)
    if (later === hour || (later > hour && pieces[0] !== undefined && pieces[0].previous < hour))
      if (later > hour || isWhole(pieces)) return true
  return false
}

export function factsOf({ said }: Reading, own: HourSaid): Fact[] {
  return said.flatMap((hours, partition) => {
    if (partition === own.partition) return []
    const told = [...hours].filter(
      ([hour, pieces]) => hour > own.previous && hour <= own.hour && isWhole(pieces),
    )
    return told.sort(([a], [b]) => a - b).flatMap(([, pieces]) => pieces.flatMap(({ facts }) => facts))
  })
}
