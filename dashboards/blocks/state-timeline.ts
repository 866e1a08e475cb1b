import { VisibilityMode } from '@grafana/grafana-foundation-sdk/common'
import { MappingType } from '@grafana/grafana-foundation-sdk/dashboard'
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/statetimeline'
import { ask, dress, type PanelSpec } from './panel.ts'
import type { Query } from './query.ts'
import { TONES, type Tone } from './tone.ts'

export interface StateTimelineSpec extends PanelSpec {
  readonly queries: readonly Query[]
  /** What each value says. */
  readonly states: Readonly<Record<number, { readonly text: string; readonly tone: Tone }>>
}

/** What was so when, one band a series. */
export function stateTimeline(spec: StateTimelineSpec): PanelBuilder {
  const options = Object.fromEntries(
    Object.entries(spec.states).map(([value, { text, tone }], index) => [
      value,
      { text, color: TONES[tone], index },
    ]),
  )
  const panel = dress(new PanelBuilder(), spec)
    .mappings([{ type: MappingType.ValueToText, options }])
    .mergeValues(true)
    .showValue(VisibilityMode.Auto)
    .rowHeight(0.8)
  ask(panel, spec.queries, 'line')
  return panel
}
