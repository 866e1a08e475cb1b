import { fnv1a } from '../domain/hash.ts'

/** Seeded chance: each call gives the next whole number of 32 bits, evenly spread. */
export type Dice = () => number

/** Spreads 32 bits over 32 bits (MurmurHash3, final mix). */
function mixed(bits: number): number {
  let hash = bits
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

/** 32 bits that depend on the seed and the name only: chance that needs no order of asking. */
export function lot(seed: number, name: string): number {
  return mixed(fnv1a(name) ^ mixed(seed + 0x9e3779b9))
}

/** As {@link lot}, as a number from 0 to below 1. */
export function share(seed: number, name: string): number {
  return lot(seed, name) / 0x1_0000_0000
}

/** `digits` lower-case hex digits (a multiple of 8) that depend on the seed and the name only. */
export function hexLot(seed: number, name: string, digits: number): string {
  let text = ''
  for (let i = 0; i < digits; i += 8) text += lot(seed, `${name}#${i}`).toString(16).padStart(8, '0')
  return text
}

/** Dice of their own for one purpose: sfc32 (Doty-Humphrey, "PractRand"), started from the seed and the name. */
export function diceFor(seed: number, name: string): Dice {
  let a = lot(seed, `${name}/a`)
  let b = lot(seed, `${name}/b`)
  let c = lot(seed, `${name}/c`)
  let counter = 1
  return () => {
    const sum = (a + b + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (((c << 21) | (c >>> 11)) + sum) | 0
    return sum >>> 0
  }
}

/** A number from 0 to below 1. */
export function fraction(dice: Dice): number {
  return dice() / 0x1_0000_0000
}

/** A whole number from `low` to `high`, both included. */
export function between(dice: Dice, low: number, high: number): number {
  return low + Math.floor(fraction(dice) * (high - low + 1))
}

/** The list in another order. */
export function shuffled<Item>(dice: Dice, list: readonly Item[]): Item[] {
  const items = [...list]
  for (let i = items.length - 1; i > 0; i--) {
    const j = between(dice, 0, i)
    const item = items[i]
    items[i] = items[j]
    items[j] = item
  }
  return items
}
