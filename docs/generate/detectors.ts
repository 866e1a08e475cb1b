import type { TObject } from 'typebox'
import { Value } from 'typebox/value'
import type { Detector, Watch } from '../../analyzer/detector.ts'
import { detectors } from '../../analyzer/registry.ts'
import { openEngines } from '../../cli/engines.ts'
import { EXTENSIONS } from '../../cli/extensions.ts'
import { PARSERS } from '../../collector/registry.ts'
import type { OptionSchema } from '../../domain/config/option.ts'
import { readConfig } from '../../domain/config/read.ts'
import { CERTAIN_SCORE } from '../../domain/finding.ts'
import type { Visibility } from '../../domain/visibility.ts'
import { optionRow } from './configuration.ts'
import { code, table } from './table.ts'

const EDGES_LOOK = 'each edge (caller and callee) when it first appears'
const CREDENTIALS_LOOK = 'each use of a credential, and each step of its life that another source reports'

/** `docs/reference/detectors.md`: what each detector finds, misses, needs and can be told. */
export function detectorsPage(): string {
  return `# Detectors

Each section is made from the detector itself. Options stand in the configuration under
\`analyzer.detectors.<name>\`. A detector that needs what no source has shown yet "cannot evaluate", and that is
said. How alerts are budgeted, what "learning" means and how to tune is in the
[operations guide](../operations.md).

${detectors.map(section).join('\n\n')}
`
}

function section(detector: Detector): string {
  const { name, about, budgetShare } = detector
  const watch = watchOf(detector)
  const alarms =
    budgetShare === undefined
      ? `A certain rule: no calibration, no budget. Its score is always ${CERTAIN_SCORE}.`
      : `Statistical. Its share of the alert budget is ${Math.round(budgetShare * 100)} %.`
  return `## \`${name}\`

${alarms}

* **Finds:** ${about.detects}.
* **Does not see:** ${about.blindSpots}.
* **What to do:** ${about.respond}.
* **ATT&CK:** ${about.attack.map((id) => `[${id}](https://attack.mitre.org/techniques/${id.replace('.', '/')}/)`).join(', ')}.
* **Looks at:** ${looksAt(watch)}.
* **Needs:** ${detector.needs.map(carriedBy).join('; ')}.
${channels(watch)}
${options(detector)}`
}

/** The detector bound to an empty partition, with its defaults. */
function watchOf(detector: Detector): Watch {
  const result = readConfig('', 'defaults', EXTENSIONS)
  if (!('config' in result)) throw new Error('the defaults are no configuration')
  const [engine] = openEngines(result.config)
  return detector.open(engine.world, Value.Create(detector.options))
}

function looksAt({ edges, windows = [], credentials }: Watch): string {
  const lengths = [...new Set(windows.map(({ lengthMs }) => lengthMs / 60_000))]
  const tables = [...new Set(windows.map(({ table }) => (table === 'edge' ? 'an edge' : 'a caller')))]
  return [
    ...(edges === undefined ? [] : [EDGES_LOOK]),
    ...(windows.length === 0
      ? []
      : [`calls of ${tables.join(' and of ')} in windows of ${lengths.join(' and ')} minutes of event time`]),
    ...(credentials === undefined ? [] : [CREDENTIALS_LOOK]),
  ].join('; ')
}

/** A field with the formats that can give it. */
function carriedBy(field: Visibility): string {
  const formats = PARSERS.filter(({ carries }) => carries.includes(field)).map(({ name }) => code(name))
  return `${code(field)}, which ${formats.join(', ')} can carry`
}

/** Calibrated scales, with the least that is recorded and the least that opens an incident. */
function channels({ edges, windows = [] }: Watch): string {
  const all = [...(edges === undefined ? [] : [edges.channel]), ...windows.map(({ channel }) => channel)]
  if (all.length === 0) return ''
  const rows = all.map(({ name, recordFrom, openFrom }) => [code(name), String(recordFrom), String(openFrom)])
  return `
${table(['scale of `raw`', 'recorded from', 'opens an incident from'], rows)}

Calibration may raise these limits and never lowers them.
`
}

function options({ options }: Detector): string {
  const rows = Object.entries((options as TObject).properties).map(([key, option]) =>
    optionRow(key, option as OptionSchema, false),
  )
  const enabled = [code('enabled'), code('true'), 'true or false', 'whether this detector runs']
  return table(['option', 'default', 'value', 'meaning'], [enabled, ...rows])
}
