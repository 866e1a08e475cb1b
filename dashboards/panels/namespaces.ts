import { OPEN_INCIDENTS } from '../blocks/links.ts'
import type { PanelBuilder } from '../blocks/panel.ts'
import { ours } from '../blocks/query.ts'
import { stat } from '../blocks/stat.ts'
import { stateTimeline } from '../blocks/state-timeline.ts'

const NO_CALLER = 'No caller yet: is an analyzer scraped, and does any source give calls?'

/** Each caller is in one process, so they are added up. */
const callers = (...states: readonly string[]) =>
  `sum by (namespace) (${ours('callers', ...states.map((state) => `state="${state}"`))})`

/** The same from every alerter. */
const INCIDENTS = `max by (namespace) (${ours('namespace_incidents')})`

/** The first that holds, from the worst on; a namespace without callers and incidents has none. */
const STATE = [
  `(${INCIDENTS} > 0) * 0 + 4`,
  `(${callers('unseen')} == (${callers()} > 0)) * 0 + 3`,
  `(${callers('silenced')} > 0) * 0 + 2`,
  `(${callers('learning')} >= 0.5 * (${callers()} > 0)) * 0 + 1`,
  `(${callers()} > 0) * 0`,
].join(' or ')

export function namespaceStates(): PanelBuilder {
  return stateTimeline({
    title: 'Namespaces',
    description:
      'Anomalous: a caller has an incident that is not resolved. Blind: none of its callers was seen for far longer than is usual of it. Silenced: a person expects something that a caller does. Learning: half of its callers or more are younger than a day. The worst that holds is shown.',
    unit: 'short',
    noData: NO_CALLER,
    size: [12, 8],
    links: [OPEN_INCIDENTS],
    states: {
      0: { text: 'ok', tone: 'good' },
      1: { text: 'learning', tone: 'fresh' },
      2: { text: 'silenced', tone: 'quiet' },
      3: { text: 'blind', tone: 'warn' },
      4: { text: 'anomalous', tone: 'bad' },
    },
    queries: [{ expr: STATE, legend: '{{namespace}}' }],
  })
}

export function learningShare(width: number): PanelBuilder {
  return stat({
    title: 'Callers being learned',
    description:
      'Share of the callers that were first seen less than a day ago: what they do is hardly judged yet.',
    unit: 'percentunit',
    noData: 'No caller yet',
    size: [width, 4],
    steps: [{ from: 0.2, tone: 'warn', means: 'a new source, a new cluster, or state that was lost' }],
    asked: 'line',
    queries: [
      {
        expr: `sum(${ours('callers', 'state="learning"')}) / (sum(${ours('callers')}) > 0)`,
        legend: 'learning',
      },
    ],
  })
}
