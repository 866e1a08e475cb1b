import { detectors } from '../../analyzer/registry.ts'
import { CANARY_STAGES } from '../../cli/canary.ts'
import { NOT_READY_REASONS } from '../../cli/readiness.ts'
import { PARSERS } from '../../collector/registry.ts'
import {
  CATALOGUE,
  type ListName,
  type MetricDeclaration,
  MOST_RANKED,
  MOST_VALUES,
  STAGES,
} from '../../io/metric-catalogue.ts'
import { code, table } from './table.ts'

/** Values of the labels that only registries and the configuration know; an empty list is said in words. */
const LISTS: Readonly<Record<ListName, readonly string[]>> = {
  formats: ['auto', ...PARSERS.map(({ name }) => name)],
  detectors: detectors.map(({ name }) => name),
  notReadyReasons: NOT_READY_REASONS,
  stages: STAGES,
  canaryStages: CANARY_STAGES,
  sources: [],
  topics: [],
  endpoints: [],
  routes: [],
  namespaces: [],
  riskyIdentities: [],
  newEdges: [],
}
const IN_WORDS: Readonly<Partial<Record<ListName, string>>> = {
  sources: 'the names of the configured sources, and of the senders over HTTP that have a token',
  topics:
    'the names of the sources that are topics; in a role of its own also `decisions`, `intake`, `stream`, `findings`',
  endpoints: 'the names of the configured endpoints',
  routes: 'the routes of the servers as they are declared',
  namespaces: `\`payments\` of \`spiffe://shop.example/ns/payments/sa/checkout\`, the ${MOST_RANKED.namespaces} with most incidents and longest known callers; \`other\` for the rest and for names without one`,
  riskyIdentities: `the ${MOST_RANKED.riskyIdentities} with the highest scores; \`other\` has the highest of the rest`,
  newEdges: `\`caller → callee\`, the ${MOST_RANKED.newEdges} most surprising ones; \`other\` has the highest of the rest`,
}

/** `docs/reference/metrics.md`: every metric with its labels. */
export function metricsPage(): string {
  return `# Metrics

Prometheus reads them from \`/metrics\` on the port \`metrics.port\`. A label has values of a closed list, or the first few
names of a ranking; everything else counts as \`other\`, so nothing in the traffic can add series without bound. Every
series of a closed list is there from the start, at 0. A role in a process of its own has only the metrics of its part; in \`meshwatch run\` all are in one.

A name longer than 64 characters (128 of plain ASCII), or with control characters, is cut and ends with a short hash. Only the first names
of a long list get series: ${MOST_VALUES.endpoints} endpoints, ${MOST_VALUES.sources} sources, ${MOST_VALUES.topics} topics. A
process never has more than 2,000 series.

${table(['metric', 'type', 'labels', 'part', 'meaning'], (CATALOGUE as readonly MetricDeclaration[]).map(row))}
| \`meshwatch_build_info\` | gauge | \`version\`, \`node_version\` | every | Version of the program and of Node; always 1. |

Beside these there are the usual metrics of a Node process (\`process_…\`, \`nodejs_…\`) of prom-client. What to
watch is in the [operations guide](../operations.md#metrics-worth-an-alert).
`
}

function row({ name, type, help, labels, of }: MetricDeclaration): readonly string[] {
  return [
    code(`meshwatch_${name}`),
    type,
    Object.entries(labels).map(label).join('; '),
    of?.join(', ') ?? 'every',
    help,
  ]
}

function label([name, list]: [string, readonly string[] | ListName]): string {
  const values = typeof list === 'string' ? LISTS[list] : list
  const words = typeof list === 'string' ? IN_WORDS[list] : undefined
  return `${code(name)}: ${words ?? values.join(', ')}`
}
