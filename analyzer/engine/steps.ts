/** Work in steps of some milliseconds, between which other work may have its turn. */
export type Steps<Result> = Generator<undefined, Result>

/** Takes all steps at once. @returns what the last one gives */
export function endOf<Result>(steps: Steps<Result>): Result {
  let step = steps.next()
  while (!step.done) step = steps.next()
  return step.value
}
