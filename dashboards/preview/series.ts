import type { Answers, PreviewPanel } from './model.ts'

/** A series as it is drawn: its name, and points that are numbers. */
export interface Series {
  readonly name: string
  readonly metric: Readonly<Record<string, string>>
  /** Seconds since the epoch, and value, in order. */
  readonly points: readonly (readonly [number, number])[]
}

/** All series of a panel, in the order of its queries. Those without any number are left out. */
export function seriesOf({ id, targets = [] }: PreviewPanel, answers: Answers): readonly Series[] {
  return targets
    .flatMap(({ refId, legendFormat = '' }) =>
      (answers.get(`${id}/${refId}`) ?? []).map(({ metric, values }) => ({
        name: nameOf(legendFormat, metric),
        metric,
        points: values
          .map(([time, value]) => [time, Number(value)] as const)
          .filter(([, value]) => Number.isFinite(value)),
      })),
    )
    .filter(({ points }) => points.length > 0)
}

export function lastOf({ points }: Series): number {
  return points[points.length - 1][1]
}

function nameOf(legend: string, metric: Readonly<Record<string, string>>): string {
  return legend.replace(/\{\{\s*(\w+)\s*\}\}/g, (_, label: string) => metric[label] ?? '')
}

/** Seconds between two points of any of these series. */
export function stepOf(series: readonly Series[]): number {
  const gaps = series.flatMap(({ points }) => points.slice(1).map(([time], at) => time - points[at][0]))
  return gaps.reduce((least, gap) => Math.min(least, gap), Number.POSITIVE_INFINITY)
}

/** Points without a gap between them. A point that is missing had no value. */
export function runsOf({ points }: Series, step: number): readonly Series['points'][] {
  const runs: (readonly [number, number])[][] = []
  for (const point of points) {
    const run = runs.at(-1)
    const before = run?.at(-1)?.[0] ?? Number.NEGATIVE_INFINITY
    if (run === undefined || point[0] - before > step * 1.5) runs.push([point])
    else run.push(point)
  }
  return runs
}
