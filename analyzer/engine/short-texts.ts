import { fnv1a } from '../../domain/hash.ts'
import type { Engine } from './engine.ts'
import { idOf } from './interner.ts'
import { textAt, type View } from './rows.ts'

/**
 * Addresses, reporters, issuers and reasons are numbers of texts that are never forgotten, and whoever connects can
 * make new ones up: so many are remembered and no more.
 */
export const MOST_TEXTS = 200_000

/** No number of a text has this bit. */
const STAND_IN = 0x80000000

/** True when the text is known or may still become so; else it is counted as overflow. */
export function hasRoomFor(engine: Engine, text: string): boolean {
  const { texts } = engine.state
  if (texts.texts.length < MOST_TEXTS || idOf(texts, text) >= 0) return true
  engine.counters.overflow++
  return false
}

/** Number of the text at a dictionary index; 0, the empty text, when there is no room for it. */
export function shortTextAt(engine: Engine, view: View, index: number): number {
  const known = view.texts[index] !== 0 || hasRoomFor(engine, view.batch.strings[index])
  return known ? textAt(engine, view, index) : 0
}

/**
 * Number that tells the text at a dictionary index from others; 0 for the empty one. When there is no room it is a
 * hash, of which the text cannot be found again.
 */
export function distinctTextAt(engine: Engine, view: View, index: number): number {
  const id = shortTextAt(engine, view, index)
  return id !== 0 || index === 0 ? id : (fnv1a(view.batch.strings[index]) | STAND_IN) >>> 0
}
