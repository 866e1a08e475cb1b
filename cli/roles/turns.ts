/** Work that waits for nothing, done piece by piece: whoever asks first is first. Rejects as the piece throws. */
export type Turns = <Result>(piece: () => Result) => Promise<Result>

/** Work in steps; its result is what the last one returns. */
type Steps<Result> = Iterator<unknown, Result, undefined>

/** Longest time without a look at what came from outside, if no piece takes longer. */
const SLICE_MS = 20

/**
 * Gives the processor to one after the other. A piece has to itself the caches and the memory that the one before it has
 * left; begun together, all would wait with their batches unpacked.
 */
export function openTurns(): Turns {
  let last: Promise<unknown> = Promise.resolve()
  let beganAt = performance.now()
  const rest = async () => {
    if (performance.now() - beganAt < SLICE_MS) return
    await new Promise(setImmediate)
    beganAt = performance.now()
  }
  return (piece) => {
    const done = last.then(rest).then(piece)
    last = done.catch(() => {})
    return done
  }
}

/** Does work that comes in steps to its end, each step in its turn. */
export async function stepInTurns<Result>(turns: Turns, steps: Steps<Result>): Promise<Result> {
  let step = await turns(() => steps.next())
  while (!step.done) step = await turns(() => steps.next())
  return step.value
}
