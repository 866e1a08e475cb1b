import type { AnsweredSeries, Answers } from './model.ts'

/** What a picture asks, and of whom. */
export interface AskSetup {
  /** Base URL of a Prometheus. */
  readonly prometheus: string
  /** Seconds since the epoch. */
  readonly start: number
  readonly end: number
  readonly stepSeconds: number
  /** Step of panels that ask for one of their own, as bars do. */
  readonly coarseStepSeconds: number
}

/** What is asked of a dashboard in Grafana's classic schema. */
interface AskedPanel {
  readonly id: number
  readonly interval?: string
  readonly targets?: readonly { readonly refId: string; readonly expr: string; readonly instant?: boolean }[]
}

/** Seconds between two scrapes: as `startPrometheus` of the tests has it. */
const SCRAPE_SECONDS = 1

/** Asks a Prometheus what Grafana would ask for the panels in sight. @throws when it refuses a query */
export async function askPrometheus(dashboard: object, setup: AskSetup): Promise<Answers> {
  const answers = new Map<string, readonly AnsweredSeries[]>()
  for (const panel of (dashboard as { readonly panels: readonly AskedPanel[] }).panels)
    for (const { refId, expr, instant = false } of panel.targets ?? []) {
      const step = panel.interval === undefined ? setup.stepSeconds : setup.coarseStepSeconds
      const query = withValues(expr, step)
      const asked = instant
        ? await ask(setup, 'query', { query, time: setup.end })
        : await ask(setup, 'query_range', { query, start: setup.start, end: setup.end, step })
      answers.set(`${panel.id}/${refId}`, asked)
    }
  return answers
}

function withValues(expr: string, step: number): string {
  const rateInterval = Math.max(step + SCRAPE_SECONDS, 4 * SCRAPE_SECONDS)
  return expr
    .replaceAll('$__rate_interval', `${rateInterval}s`)
    .replaceAll('$job', '.+')
    .replaceAll('$instance', '.+')
}

interface Answer {
  readonly error?: string
  readonly data: {
    readonly result: readonly {
      readonly metric: Readonly<Record<string, string>>
      readonly value?: readonly [number, string]
      readonly values?: readonly (readonly [number, string])[]
    }[]
  }
}

async function ask(
  { prometheus }: AskSetup,
  kind: 'query' | 'query_range',
  parameters: Readonly<Record<string, string | number>>,
): Promise<readonly AnsweredSeries[]> {
  const url = new URL(`/api/v1/${kind}`, prometheus)
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, String(value))
  const response = await fetch(url)
  const { error, data } = (await response.json()) as Answer
  if (!response.ok) throw new Error(`prometheus refuses ${parameters['query']}: ${error}`)
  return data.result.map(({ metric, value, values = value === undefined ? [] : [value] }) => ({
    metric,
    values,
  }))
}
