import { detectors } from '../../analyzer/registry.ts'
import { NOT_READY_REASONS } from '../../cli/readiness.ts'
import { PARSERS } from '../../collector/registry.ts'
import { CATALOGUE, type LabelLists, type MetricDeclaration } from '../../io/metric-catalogue.ts'
import { code, table } from './table.ts'

/** Values of the labels that only registries and the configuration know; an empty list is said in words. */
const LISTS: LabelLists = {
  formats: ['auto', ...PARSERS.map(({ name }) => name)],
  detectors: detectors.map(({ name }) => name),
  notReadyReasons: NOT_READY_REASONS,
  endpoints: [],
  routes: [],
}
const IN_WORDS: Readonly<Partial<Record<keyof LabelLists, string>>> = {
  endpoints: 'the names of the configured endpoints',
  routes: 'the routes of the servers as they are declared',
}

/** `docs/reference/metrics.md`: every metric with its labels. */
export function metricsPage(): string {
  return `# Metrics

Prometheus reads them from \`/metrics\` on the port \`metrics.port\`. A label has values of a closed list only; what
is not in its list counts as \`other\`, so nothing in the traffic can add a series. Every series is there from the
start, at 0.

${table(['metric', 'type', 'labels', 'meaning'], (CATALOGUE as readonly MetricDeclaration[]).map(row))}
| \`meshwatch_build_info\` | gauge | \`version\`, \`node_version\` | Version of the program and of Node; always 1. |

Beside these there are the usual metrics of a Node process (\`process_…\`, \`nodejs_…\`) of prom-client. What to
watch is in the [operations guide](../operations.md#metrics-worth-an-alert).
`
}

function row({ name, type, help, labels }: MetricDeclaration): readonly string[] {
  return [code(`meshwatch_${name}`), type, Object.entries(labels).map(label).join('; '), help]
}

function label([name, list]: [string, readonly string[] | keyof LabelLists]): string {
  const values = typeof list === 'string' ? LISTS[list] : list
  const words = typeof list === 'string' ? IN_WORDS[list] : undefined
  return `${code(name)}: ${words ?? values.join(', ')}`
}
