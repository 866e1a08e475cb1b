/**
 * A generation ends in `-` and a number from 1 that rises by one each time its source starts again, so that two
 * generations of one source have an order.
 */

/** @param mark what tells this generation from others by looking at the source; may be empty */
export function generationOf(mark: string, number: number): string {
  return `${mark}-${number}`
}

/** The number of a generation; 0 for a text that is none. */
export function generationNumber(generation: string): number {
  const digits = /-(\d{1,15})$/.exec(generation)
  return digits === null ? 0 : Number(digits[1])
}
