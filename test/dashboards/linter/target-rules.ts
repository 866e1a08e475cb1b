import type { Target } from '../read-dashboards.ts'
import { selectorsOf } from '../selectors.ts'
import { type Rule, targetRule } from './rule.ts'

const COUNTING = ['rate', 'irate', 'increase']
const RATES = ['rate', 'irate']

function matcherRule(label: string): Rule {
  const matcher = `${label}=~"$${label}"`
  return targetRule(`target-${label}-rule`, ({ expr }) =>
    selectorsOf(expr)
      .filter(({ matchers }) => !matchers.includes(matcher))
      .map(({ metric }) => `${metric} has no ${matcher}`),
  )
}

const isLoki = ({ datasource }: Target): boolean => datasource?.type === 'loki'

/** `target-promql-rule` is not here: it needs Prometheus' own parser. */
export const TARGET_RULES: readonly Rule[] = [
  matcherRule('job'),
  matcherRule('instance'),
  targetRule('target-rate-interval-rule', ({ expr }) =>
    selectorsOf(expr).flatMap(({ metric, range, calls }) => {
      if (range === undefined || range === '$__rate_interval') return []
      const call = calls.at(-1)
      if (call !== undefined && !RATES.includes(call)) return []
      return [`${metric}[${range}] should be over $__rate_interval`]
    }),
  ),
  targetRule('target-counter-agg-rule', ({ expr }) =>
    selectorsOf(expr)
      .filter(({ metric }) => metric.endsWith('_total'))
      .filter(({ range, calls }) => range === undefined || !COUNTING.includes(calls.at(-1) ?? ''))
      .map(({ metric }) => `${metric} is a counter without rate, irate or increase`),
  ),
  // There is no parser for LogQL here, so a query to Loki is refused rather than believed.
  targetRule('target-logql-rule', (target) => (isLoki(target) ? ['nothing here can read LogQL'] : [])),
  targetRule('target-logql-auto-rule', (target) => {
    if (!isLoki(target)) return []
    const ranges = [...target.expr.matchAll(/\[([^\]]*)\]/g)].map(([, range]) => range)
    return ranges.filter((range) => range !== '$__auto').map((range) => `[${range}] should be $__auto`)
  }),
]
