import { CHOSEN_SOURCE, panelRule, type Rule } from './rule.ts'

/** Of Grafana's units, those that our panels have a use for; a new one is added here when Grafana knows it. */
const UNITS = ['short', 'none', 'percentunit', 'bytes', 's', 'cps', 'reqps', 'bool_yes_no', 'dateTimeAsIso']

export const PANEL_RULES: readonly Rule[] = [
  panelRule('panel-datasource-rule', ({ datasource, targets = [] }) => {
    const uids = [datasource, ...targets.map((target) => target.datasource)].map((each) => each?.uid ?? '')
    return uids.every((uid) => CHOSEN_SOURCE.includes(uid)) ? undefined : `uses ${uids.join(', ')}`
  }),
  panelRule('panel-title-description-rule', ({ title, description }) =>
    title && description ? undefined : 'no title or no description',
  ),
  panelRule('panel-units-rule', ({ fieldConfig: { defaults, overrides } }) => {
    const changed = overrides.flatMap(({ properties }) => properties.filter(({ id }) => id === 'unit'))
    const units = [defaults.unit, ...changed.map(({ value }) => value)]
    return units.every((unit) => UNITS.includes(String(unit))) ? undefined : `unit ${units.join(', ')}`
  }),
  panelRule('panel-no-targets-rule', ({ targets = [] }) => (targets.length > 0 ? undefined : 'no query')),
]
