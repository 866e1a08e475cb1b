import {
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  TextBoxVariableBuilder,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard'
import { DATASOURCE } from './panel.ts'

const API_ADDRESS = 'http://127.0.0.1:8601'

/** The variables of every dashboard, so that a link from one to another keeps what was chosen. */
export function variables() {
  return [
    new DatasourceVariableBuilder('datasource')
      .label('Data source')
      .description('The Prometheus that scrapes Meshwatch')
      .type('prometheus'),
    labelVariable('job', 'label_values(meshwatch_build_info, job)'),
    labelVariable('instance', 'label_values(meshwatch_build_info{job=~"$job"}, instance)'),
    new TextBoxVariableBuilder('api')
      .label('API address')
      .description('Where your browser reaches the API of Meshwatch: links to incidents go there')
      .defaultValue(API_ADDRESS)
      .current({ selected: true, text: API_ADDRESS, value: API_ADDRESS }),
  ]
}

function labelVariable(name: string, query: string): QueryVariableBuilder {
  return new QueryVariableBuilder(name)
    .label(name)
    .datasource(DATASOURCE)
    .query(query)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.AlphabeticalAsc)
    .multi(true)
    .includeAll(true)
    .allValue('.+')
    .current({ selected: true, text: ['All'], value: ['$__all'] })
}
