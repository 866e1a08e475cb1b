import { labelValue } from './label-value.ts'
import { type LabelLists, type MetricDeclaration, MOST_VALUES } from './metric-catalogue.ts'

/** What stands in for a label value that has no series of its own. */
const OTHER = 'other'

export type LabelValues = Readonly<Record<string, unknown>>

/** Values of one closed list, and how each is written in a label. */
export type ListedValues = Map<string, string>

/** The labels of one metric with their values. */
export type MetricLabels = readonly (readonly [label: string, values: ReadonlyMap<string, string>])[]

/** The closed lists of a process, without values yet. */
export function newLists(): Readonly<Record<keyof LabelLists, ListedValues>> {
  const names = Object.keys(MOST_VALUES) as (keyof LabelLists)[]
  return Object.fromEntries(names.map((name) => [name, new Map()])) as Record<keyof LabelLists, ListedValues>
}

/** Adds values as far as there is room. */
export function addValues(known: ListedValues, values: readonly string[], most: number): void {
  for (const value of values) {
    if (known.size >= most) return
    known.set(value, labelValue(value))
  }
}

export function labelsOf(
  { labels }: Pick<MetricDeclaration, 'labels'>,
  lists: Readonly<Record<keyof LabelLists, ListedValues>>,
): MetricLabels {
  return Object.entries(labels).map(([label, list]) => [
    label,
    typeof list === 'string' ? lists[list] : new Map(list.map((value) => [value, value])),
  ])
}

/**
 * Labels as they may be exported: what is no value of the list becomes `other`.
 * @param overflow told when that happened
 */
export function boundedLabels(
  metric: MetricLabels,
  labels: LabelValues,
  overflow: () => void,
): Record<string, string> {
  let isOther = false
  const bounded = metric.map(([label, values]) => {
    const value = labels[label]
    const known = typeof value === 'string' ? values.get(value) : undefined
    isOther ||= known === undefined
    return [label, known ?? OTHER] as const
  })
  if (isOther) overflow()
  return Object.fromEntries(bounded)
}

/** Every combination of the listed values. */
export function knownSeries(metric: MetricLabels): Record<string, string>[] {
  return metric.reduce<Record<string, string>[]>(
    (all, [label, values]) =>
      all.flatMap((one) => [...values.values()].map((value) => ({ ...one, [label]: value }))),
    [{}],
  )
}
