import type { Checkpoint } from '../domain/ports.ts'

/** Fields of a stored checkpoint: `<sequence>:page/<page>` and `<sequence>:head/<part>`. */

export type Field = readonly [name: string, bytes: Uint8Array]

/** Newest sequence of each key in force, by key: what a writer knows of the store. */
export type InForce = Map<string, number>

/** A head may be of megabytes, and one call must not carry all of them. */
const HEAD_PART_BYTES = 262_144

export function fieldName(key: string, sequence: number): string {
  return `${sequence}:${key}`
}

/** What a change writes, by key: the same each time it is asked. */
export function keyedBytes({ head, pages }: Checkpoint): Map<string, Uint8Array> {
  const keyed = new Map<string, Uint8Array>()
  for (const [page, bytes] of pages) keyed.set(`page/${page}`, bytes)
  const bytes = new TextEncoder().encode(head)
  for (let from = 0; from === 0 || from < bytes.length; from += HEAD_PART_BYTES)
    keyed.set(`head/${from / HEAD_PART_BYTES}`, bytes.subarray(from, from + HEAD_PART_BYTES))
  return keyed
}

const CHUNK_FIELDS = 2000
const CHUNK_BYTES = 250_000

/** Chunks of at most 2,000 fields and a quarter of a megabyte, which Redis writes in about a millisecond. */
export function* chunksOf(keyed: ReadonlyMap<string, Uint8Array>, sequence: number): Generator<Field[]> {
  let chunk: Field[] = []
  let bytes = 0
  for (const [key, value] of keyed) {
    if (chunk.length === CHUNK_FIELDS || (chunk.length > 0 && bytes + value.length > CHUNK_BYTES)) {
      yield chunk
      chunk = []
      bytes = 0
    }
    chunk.push([fieldName(key, sequence), value])
    bytes += value.length
  }
  if (chunk.length > 0) yield chunk
}

/**
 * What is in force once these keys are: and the names of the fields that are no longer. A head has the parts of its own
 * sequence and no others.
 */
export function advance(inForce: InForce, keys: Iterable<string>, sequence: number): string[] {
  const dead: string[] = []
  const retire = (key: string, before: number | undefined) => {
    if (before !== undefined) dead.push(fieldName(key, before))
  }
  for (const key of keys) {
    retire(key, inForce.get(key))
    inForce.set(key, sequence)
  }
  for (const [key, before] of inForce) {
    if (before === sequence || !key.startsWith('head/')) continue
    retire(key, before)
    inForce.delete(key)
  }
  return dead
}

/** Sequence and key of a field's name. */
export function readFieldName(name: string): { readonly sequence: number; readonly key: string } {
  const colon = name.indexOf(':')
  return { sequence: Number(name.slice(0, colon)), key: name.slice(colon + 1) }
}
