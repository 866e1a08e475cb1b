/** The same function, begun for the next caller when it has ended for the one before. */
export function oneAtATime<Argument, Result>(
  run: (argument: Argument) => Promise<Result>,
): (argument: Argument) => Promise<Result> {
  let last: Promise<unknown> = Promise.resolve()
  return (argument) => {
    const result = last.then(() => run(argument))
    last = result.catch(() => {})
    return result
  }
}
