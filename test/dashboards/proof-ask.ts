/** Asks a real Prometheus what Grafana would ask. */

export interface Span {
  /** Base URL of the Prometheus. */
  readonly url: string
  /** Seconds since the epoch. */
  readonly start: number
  readonly end: number
}

export interface Answer {
  /** Values that are numbers. */
  readonly values: number
  readonly milliseconds: number
}

interface Result {
  readonly error?: string
  readonly data: readonly string[] | { readonly result: readonly Series[] }
}

interface Series {
  readonly value?: readonly [number, string]
  readonly values?: readonly (readonly [number, string])[]
}

type Parameters = Readonly<Record<string, string | number>>

/** Points of a graph: a panel of half a screen has about as many. */
const POINTS = 500
/** Scraped each second: what Grafana makes of its rate interval then. */
const RATE_INTERVAL = '15s'

/** An expression with all that is chosen in the variables. */
function withValues(expr: string): string {
  return expr
    .replaceAll('$__rate_interval', RATE_INTERVAL)
    .replaceAll('$job', '.+')
    .replaceAll('$instance', '.+')
}

/** Asks as a panel does: at the end, or over the span. @throws when Prometheus refuses */
export async function askExpression(
  { url, start, end }: Span,
  expr: string,
  instant: boolean,
): Promise<Answer> {
  const query = withValues(expr)
  const step = Math.max(1, Math.ceil((end - start) / POINTS))
  const asked: Parameters = instant ? { query, time: end } : { query, start, end, step }
  const began = performance.now()
  const { data } = await ask(`${url}/api/v1/${instant ? 'query' : 'query_range'}`, asked)
  const milliseconds = performance.now() - began
  const series = 'result' in data ? data.result : []
  const values = series
    .flatMap(({ value, values = value === undefined ? [] : [value] }) => values)
    .filter(([, text]) => !Number.isNaN(Number(text)))
  return { values: values.length, milliseconds }
}

/** Asks for the values of a variable: `label_values(<selector>, <label>)`. @throws when Prometheus refuses */
export async function askVariable({ url, start, end }: Span, query: string): Promise<readonly string[]> {
  const [, selector, label] = query.match(/^label_values\((.+), (\w+)\)$/) ?? []
  if (label === undefined) throw new Error(`no query of a variable: ${query}`)
  const { data } = await ask(`${url}/api/v1/label/${label}/values`, {
    'match[]': withValues(selector),
    start,
    end,
  })
  return 'result' in data ? [] : data
}

async function ask(address: string, parameters: Parameters): Promise<Result> {
  const url = new URL(address)
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, String(value))
  const response = await fetch(url)
  const result = (await response.json()) as Result
  if (!response.ok) throw new Error(`${parameters['query']}: ${result.error}`)
  return result
}
