import { heaviest, type Weighed } from './heaviest.ts'
import { labelValue } from './label-value.ts'
import { type ListName, type MetricDeclaration, MOST_RANKED, MOST_VALUES } from './metric-catalogue.ts'

/** What stands in for a label value that has no series of its own. */
export const OTHER = 'other'

export type LabelValues = Readonly<Record<string, unknown>>

/** Values of one closed list, and how each is written in a label. */
export type ListedValues = Map<string, string>

/** The labels of one metric with their values. */
export type MetricLabels = readonly (readonly [label: string, values: ReadonlyMap<string, string>])[]

export type Lists = Readonly<Record<ListName, ListedValues>>

/** The lists of a process, without values yet. */
export function newLists(): Lists {
  const names = Object.keys({ ...MOST_VALUES, ...MOST_RANKED }) as ListName[]
  return Object.fromEntries(names.map((name) => [name, new Map()])) as Record<ListName, ListedValues>
}

/** Adds values as far as there is room. */
export function addValues(known: ListedValues, values: readonly string[], most: number): void {
  for (const value of values) {
    if (known.size >= most) return
    known.set(value, labelValue(value))
  }
}

/** A value keeps its place until so many times as many as there are places come before it. */
const KEPT_TO = 2

/**
 * Gives the places of a list to the heaviest values. Who has one and is not far behind keeps it, so that series do not
 * come and go with every scrape.
 */
export function rankValues(known: ListedValues, weighed: Iterable<Weighed>, most: number): void {
  const ranked = heaviest(weighed, most * KEPT_TO)
  const near = new Set(ranked)
  for (const value of known.keys()) if (!near.has(value)) known.delete(value)
  addValues(known, ranked, most)
}

export function labelsOf({ labels }: Pick<MetricDeclaration, 'labels'>, lists: Lists): MetricLabels {
  return Object.entries(labels).map(([label, list]) => [
    label,
    typeof list === 'string' ? lists[list] : new Map(list.map((value) => [value, value])),
  ])
}

/**
 * Labels as they may be exported: what is no value of the list becomes `other`.
 * @param overflow told when that happened to what was not called so already
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
    isOther ||= known === undefined && value !== OTHER
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
