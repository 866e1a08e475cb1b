import type { Dashboard, Variable } from '../read-dashboards.ts'
import { selectorsOf } from '../selectors.ts'
import { CHOSEN_SOURCE, type Rule } from './rule.ts'

const FUNCTIONS = ['label_names', 'label_values', 'metrics', 'query_result']
const ON_TIME_RANGE_CHANGE = 2

const variableOf = ({ templating }: Dashboard, name: string): Variable | undefined =>
  templating.list.find((variable) => variable.name === name)

/** Variable names and labels as the linter wants them for one Prometheus. */
function datasourceOffences({ templating }: Dashboard): string[] {
  const sources = templating.list.filter(({ type }) => type === 'datasource')
  if (sources.length !== 1) return [`${sources.length} data source variables, should be 1`]
  const [{ name, label = '', query }] = sources
  return [
    ...(['datasource', `${query}_datasource`].includes(name) ? [] : [`is named ${name}`]),
    ...(['Data source', 'Prometheus data source'].includes(label) ? [] : [`is labelled ${label}`]),
  ]
}

function labelOffences(dashboard: Dashboard, name: string): string[] {
  const variable = variableOf(dashboard, name)
  if (variable === undefined) return ['is missing']
  const { datasource, type, label, multi, allValue } = variable
  const wishes = {
    'should use $datasource': CHOSEN_SOURCE.includes(datasource?.uid ?? ''),
    'should be a query': type === 'query',
    [`should be labelled ${name}`]: label === name,
    'should be a multi select': multi === true,
    'should have the allValue .+': allValue === '.+',
  }
  return Object.entries(wishes).flatMap(([wish, isSo]) => (isSo ? [] : [wish]))
}

/** The first argument of a variable's query selects something. */
function promqlOffences({ templating }: Dashboard): string[] {
  return templating.list
    .filter(({ type }) => type === 'query')
    .flatMap(({ name, query }) => {
      const [, call, argument] = /^([a-z_]+)\((.+)\)$/.exec(query) ?? []
      const isSelected = argument !== undefined && selectorsOf(argument).length > 0
      return FUNCTIONS.includes(call) && isSelected ? [] : [`${name}: invalid query ${query}`]
    })
}

function reloadOffences({ templating }: Dashboard): string[] {
  return templating.list
    .filter(({ type, refresh }) => type === 'query' && refresh !== ON_TIME_RANGE_CHANGE)
    .map(({ name }) => `${name} is not read again when the time range changes`)
}

export const TEMPLATE_RULES: readonly Rule[] = [
  { name: 'template-datasource-rule', check: datasourceOffences },
  { name: 'template-job-rule', check: (dashboard) => labelOffences(dashboard, 'job') },
  { name: 'template-instance-rule', check: (dashboard) => labelOffences(dashboard, 'instance') },
  { name: 'template-label-promql-rule', check: promqlOffences },
  { name: 'template-on-time-change-reload-rule', check: reloadOffences },
  {
    name: 'uneditable-dashboard',
    check: ({ editable }) => (editable === false ? [] : ['is editable']),
  },
]
