import { type Narrow, narrowUpTo } from './batch-numbers.ts'

/** The texts that the rows of one batch use, numbered in the order in which they are met; 0 is the absent value. */
export interface Dictionary {
  readonly strings: readonly string[]
  /** Texts in use. */
  readonly texts: string[]
  /** Number in `texts` of each index into `strings`; 0 when it has none yet. */
  readonly numbers: Uint32Array
}

/** A dictionary without texts in use. */
export function createDictionary(strings: readonly string[]): Dictionary {
  return { strings, texts: [''], numbers: new Uint32Array(strings.length) }
}

/**
 * An index column over the texts in use; undefined when every row has the absent value. Columns of few texts should
 * come first: their numbers then fit in a byte.
 * @param scratch one entry a row, overwritten
 */
export function compactIndexes(
  dictionary: Dictionary,
  column: Uint32Array,
  scratch: Uint32Array,
): number | Narrow | undefined {
  const { lowest, highest } = numberTexts(dictionary, column, scratch)
  if (highest === 0) return undefined
  return lowest === highest ? lowest : narrowUpTo(scratch, highest)
}

/** Numbers the texts of a column. @returns the range of the numbers */
function numberTexts({ strings, texts, numbers }: Dictionary, column: Uint32Array, indexes: Uint32Array) {
  let highest = 0
  let lowest = texts.length
  for (let i = 0; i < indexes.length; i++) {
    const index = column[i]
    let number = numbers[index]
    if (number === 0 && index !== 0) {
      number = numbers[index] = texts.length
      texts.push(strings[index])
    }
    indexes[i] = number
    if (number > highest) highest = number
    if (number < lowest) lowest = number
  }
  return { lowest, highest }
}
