/** One place of a list whose value stands earlier in it as well. */
export interface Repeat {
  readonly at: number
  /** Where the value stands first. */
  readonly first: number
}

/** Places of values that are not the first of their kind; absent values are no repeat of each other. */
export function repeated(values: readonly (string | undefined)[]): readonly Repeat[] {
  return values
    .map((value, at) => ({ at, first: value === undefined ? at : values.indexOf(value) }))
    .filter(({ at, first }) => first < at)
}
