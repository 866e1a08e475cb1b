/**
 * Windows in which a partition did not see what it usually sees: its source was down, and silence says nothing about
 * anybody. Kept as runs, since an outage is many windows one after the other.
 */
export interface BlindRun {
  /** First and last window of the run. */
  readonly from: number
  readonly to: number
  /** True when nothing at all counted; false when less than half did of what usually does. */
  readonly dark: boolean
}

/** Runs that are remembered; who counts again after an older one learns it as silence. */
const MOST_RUNS = 256

/** Adds a run that follows all others. */
export function noteBlind(runs: BlindRun[], run: BlindRun): void {
  const last = runs.at(-1)
  if (last !== undefined && last.to + 1 === run.from && last.dark === run.dark)
    runs[runs.length - 1] = { ...last, to: run.to }
  else runs.push(run)
  if (runs.length > MOST_RUNS) runs.shift()
}

/** Number of blind windows after `after` and before `before`. */
export function blindBetween(runs: readonly BlindRun[], after: number, before: number): number {
  let blind = 0
  for (let i = runs.length - 1; i >= 0 && runs[i].to > after; i--)
    blind += Math.max(0, Math.min(runs[i].to, before - 1) - Math.max(runs[i].from, after + 1) + 1)
  return blind
}

/** The run that a window is in. */
export function blindRunOf(runs: readonly BlindRun[], window: number): BlindRun | undefined {
  for (let i = runs.length - 1; i >= 0 && runs[i].to >= window; i--)
    if (runs[i].from <= window) return runs[i]
  return undefined
}
