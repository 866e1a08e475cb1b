import type { Checkpoint } from '../domain/ports.ts'
import type { Redis } from './redis.ts'
import { fieldName, type InForce, readFieldName } from './redis-checkpoint-fields.ts'

/** What a partition's hash of pages holds, sorted into what is in force and what is not. */
export interface Loaded {
  readonly checkpoint: Checkpoint
  readonly inForce: InForce
  /** Names of fields that were replaced, or never committed. */
  readonly dead: readonly string[]
}

/** About half a megabyte of pages, which Redis reads in two or three milliseconds. */
const FIELDS_AT_ONCE = 48

/** Reads the pages that are in force at `sequence`, in calls that are each short. */
export async function loadCheckpoint(redis: Redis, key: string, sequence: number): Promise<Loaded> {
  const newest = new Map<string, { readonly sequence: number; readonly bytes: Uint8Array }>()
  const dead: string[] = []
  for await (const [name, bytes] of scan(redis, key)) {
    const field = readFieldName(name)
    const known = newest.get(field.key)
    if (!isCandidate(field, sequence) || (known && known.sequence > field.sequence)) dead.push(name)
    else {
      if (known && known.sequence < field.sequence) dead.push(fieldName(field.key, known.sequence))
      newest.set(field.key, { sequence: field.sequence, bytes })
    }
  }
  const inForce = new Map([...newest].map(([name, field]) => [name, field.sequence]))
  return { checkpoint: { sequence, ...parts(newest) }, inForce, dead }
}

/** A page may be older than the checkpoint; a part of the head may not. */
function isCandidate(field: ReturnType<typeof readFieldName>, sequence: number): boolean {
  return field.key.startsWith('head/') ? field.sequence === sequence : field.sequence <= sequence
}

async function* scan(redis: Redis, key: string): AsyncGenerator<readonly [string, Uint8Array]> {
  let cursor = '0'
  do {
    const reply = await redis.commandForBytes('hscan', key, cursor, 'COUNT', FIELDS_AT_ONCE)
    const [next, flat] = reply as readonly [Buffer, readonly Buffer[]]
    for (let at = 0; at < flat.length; at += 2) yield [flat[at].toString(), flat[at + 1]]
    cursor = next.toString()
  } while (cursor !== '0')
}

function parts(fields: ReadonlyMap<string, { readonly bytes: Uint8Array }>): {
  head: string
  pages: ReadonlyMap<string, Uint8Array>
} {
  const pages = new Map<string, Uint8Array>()
  const head: Uint8Array[] = []
  for (const [key, { bytes }] of fields) {
    const [kind, name] = [key.slice(0, 5), key.slice(5)]
    if (kind === 'page/') pages.set(name, bytes)
    else head[Number(name)] = bytes
  }
  return { head: Buffer.concat(head).toString(), pages }
}
