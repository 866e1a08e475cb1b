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
