import {
  BigValueColorMode,
  BigValueGraphMode,
  BigValueTextMode,
  ReduceDataOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common'
import { MappingType, SpecialValueMatch } from '@grafana/grafana-foundation-sdk/dashboard'
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/stat'
import { type Asked, ask, dress, type PanelSpec } from './panel.ts'
import type { Query } from './query.ts'
import { TONES, type Tone } from './tone.ts'

export interface StatSpec extends PanelSpec {
  readonly queries: readonly Query[]
  /** `line` draws the time range behind the number. */
  readonly asked: Extract<Asked, 'line' | 'now'>
  /** Series that are judged otherwise than by `steps`: grey at 0, from 1 on of this tone. */
  readonly toneFromOne?: Readonly<Record<string, Tone>>
}

/** One big number, or one for each series. */
export function stat(spec: StatSpec): PanelBuilder {
  const { queries, asked, toneFromOne = {} } = spec
  const panel = dress(new PanelBuilder(), { size: [4, 4], ...spec })
    .graphMode(asked === 'line' ? BigValueGraphMode.Area : BigValueGraphMode.None)
    .colorMode(BigValueColorMode.Value)
    .textMode(queries.length > 1 ? BigValueTextMode.ValueAndName : BigValueTextMode.Value)
    // A gauge that could not be read, such as one of the store, is NaN.
    .mappings([
      {
        type: MappingType.SpecialValue,
        options: { match: SpecialValueMatch.NotANumber, result: { text: 'unknown' } },
      },
    ])
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']))
  for (const [name, tone] of Object.entries(toneFromOne)) {
    const steps = [
      { color: TONES.quiet, value: null },
      { color: TONES[tone], value: 1 },
    ]
    panel.overrideByName(name, [{ id: 'thresholds', value: { mode: 'absolute', steps } }])
  }
  ask(panel, queries, asked)
  return panel
}
