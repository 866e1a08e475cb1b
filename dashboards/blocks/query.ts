/** One query of a panel. */
export interface Query {
  readonly expr: string
  /** Name of its series, with `{{label}}` for a label's value. */
  readonly legend: string
  /** Its exemplars are marked: single observations with the trace that they are of. */
  readonly exemplar?: true
}

/** Selects what every panel is narrowed to: the jobs and instances that the reader chose. */
export function selectorOf(metric: string, matchers: readonly string[] = []): string {
  return `${metric}{${['job=~"$job"', 'instance=~"$instance"', ...matchers].join(', ')}}`
}

/** @param name without the prefix, as in the metric catalogue */
export function ours(name: string, ...matchers: readonly string[]): string {
  return selectorOf(`meshwatch_${name}`, matchers)
}

/** Of what every process of its kind exports, only the processes of Meshwatch: all jobs may be chosen. */
export function ofOurProcesses(expr: string): string {
  return `(${expr} and on (job, instance) ${ours('build_info')})`
}

function by(label: string): string {
  return label === '' ? '' : ` by (${label}) `
}

/** Events a second of a counter, over all processes. @param label what is kept apart, or '' for one sum */
export function perSecond(name: string, label = '', ...matchers: readonly string[]): string {
  return `sum${by(label)}(rate(${ours(name, ...matchers)}[$__rate_interval]))`
}

/** What a counter counted in a time such as `24h`, in whole numbers. */
export function countedIn(window: string, name: string, label = '', ...matchers: readonly string[]): string {
  return `round(sum${by(label)}(increase(${ours(name, ...matchers)}[${window}])))`
}

/**
 * Seconds since the oldest of these instants; an instant of 0 is one that never was, and where all are 0 the answer
 * is empty, so that the panel says what to do.
 */
export function sinceOldest(name: string, label = '', ...matchers: readonly string[]): string {
  return `time() - min${by(label)}(${ours(name, ...matchers)} > 0)`
}

/** Seconds since the newest of these instants, as `sinceOldest`. */
export function sinceNewest(name: string, label = '', ...matchers: readonly string[]): string {
  return `time() - max${by(label)}(${ours(name, ...matchers)} > 0)`
}

/** Seconds since an instant of which 0 says that there is none, which is good: then 0. */
export function waitingSince(name: string): string {
  return `(time() - min(${ours(name)} > 0)) or max(${ours(name)})`
}

/** Upper bound of a share of what a histogram observed. @param share between 0 and 1 */
export function quantileOf(share: number, name: string, label = ''): string {
  const labels = label === '' ? 'le' : `le, ${label}`
  return `histogram_quantile(${share}, sum by (${labels}) (rate(${ours(`${name}_bucket`)}[$__rate_interval])))`
}

/** That bound as a line of its own, `half under` or `99 % under`. */
export function under(share: number, name: string): Query {
  return { expr: quantileOf(share, name), legend: share === 0.5 ? 'half under' : `${share * 100} % under` }
}
