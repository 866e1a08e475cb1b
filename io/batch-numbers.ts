import type { Column } from '../domain/batch.ts'

/**
 * Number columns as few bytes: a constant, or small steps above a base. Zero and NaN stand for "not stated" in rows
 * among others that have large numbers (an instant beside 0), so each has a step of its own.
 */
export interface Steps {
  readonly base: number
  readonly steps: Narrow
}

/** Whole numbers from 0. */
export type Narrow = Uint8Array | Uint16Array | Uint32Array

/** A number column as it travels; undefined when every row has 0. */
export type WireNumbers = number | Steps | Float64Array

/** The two highest steps of each width are NaN and 0. */
const STEP_OF_NAN: Readonly<Record<number, number>> = { 1: 0xff, 2: 0xffff, 4: 0xffffffff }
const RESERVED = 2

/**
 * A number column as it travels; undefined when every row has 0.
 * @param scratch one entry a row, overwritten
 */
export function narrowNumbers(column: Column, scratch: Uint32Array): WireNumbers | undefined {
  const rows = scratch.length
  const numbers = column instanceof Float64Array ? column : new Float64Array(column.subarray(0, rows))
  if (isConstant(numbers, rows)) return rows === 0 || Object.is(numbers[0], 0) ? undefined : numbers[0]
  const { lowest, highest, isWhole } = rangeOf(numbers, rows)
  const width = widthFor(highest - lowest + RESERVED)
  if (!isWhole || width === undefined) return numbers.slice(0, rows)
  fillSteps(scratch, numbers, { base: lowest, nan: STEP_OF_NAN[width] })
  return { base: lowest, steps: narrow(scratch, width) }
}

/** Bytes that hold values up to `highest`; undefined when four are too few. */
function widthFor(highest: number): 1 | 2 | 4 | undefined {
  if (highest <= 0xff) return 1
  if (highest <= 0xffff) return 2
  return highest <= 0xffffffff ? 4 : undefined
}

/** A copy with so many bytes a number. */
function narrow(numbers: Uint32Array, width: 1 | 2 | 4): Narrow {
  if (width === 4) return numbers.slice()
  return width === 1 ? new Uint8Array(numbers) : new Uint16Array(numbers)
}

/** A copy of numbers up to `highest` in as few bytes as hold them. */
export function narrowUpTo(numbers: Uint32Array, highest: number): Narrow {
  return narrow(numbers, widthFor(highest)!)
}

function isConstant(numbers: Float64Array, rows: number): boolean {
  const first = numbers[0]
  const isAbsent = Number.isNaN(first)
  for (let i = 1; i < rows; i++)
    if (numbers[i] !== first && !(isAbsent && Number.isNaN(numbers[i]))) return false
  return true
}

/** Over the rows that state a number. Without any, every row is NaN or 0, and the range is of no importance. */
function rangeOf(numbers: Float64Array, rows: number) {
  let lowest = Number.POSITIVE_INFINITY
  let highest = Number.NEGATIVE_INFINITY
  let isWhole = true
  for (let i = 0; i < rows; i++) {
    const value = numbers[i]
    if (value === 0 || Number.isNaN(value)) continue
    if (value < lowest) lowest = value
    if (value > highest) highest = value
    if (Math.floor(value) !== value) isWhole = false
  }
  if (lowest > highest) return { lowest: 0, highest: 0, isWhole }
  return { lowest, highest, isWhole: isWhole && Number.isSafeInteger(lowest) }
}

function fillSteps(
  steps: Uint32Array,
  numbers: Float64Array,
  { base, nan }: { base: number; nan: number },
): void {
  for (let i = 0; i < steps.length; i++) {
    const value = numbers[i]
    steps[i] = value === 0 ? nan - 1 : Number.isNaN(value) ? nan : value - base
  }
}

/** Steps as they are read, overwritten by the next: batches that come by the thousand would be megabytes of garbage each. */
let wideSteps = new Uint32Array(0)

/** Fills `numbers` with what `narrowNumbers` was given. */
export function widenNumbers({ base, steps }: Steps, numbers: Float64Array): void {
  if (wideSteps.length < steps.length) wideSteps = new Uint32Array(steps.length)
  wideSteps.set(steps)
  const nan = STEP_OF_NAN[steps.BYTES_PER_ELEMENT]
  const zero = nan - 1
  for (let i = 0; i < numbers.length; i++) {
    const step = wideSteps[i]
    numbers[i] = step < zero ? base + step : step === zero ? 0 : Number.NaN
  }
}
