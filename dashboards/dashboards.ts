import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard'
import { credentials } from './credentials.ts'
import { pagingHealth } from './paging-health.ts'
import { pipelineHealth } from './pipeline-health.ts'
import { securityOverview } from './security-overview.ts'

/** Every dashboard, by the name of its files. */
export const DASHBOARDS: Readonly<Record<string, () => Dashboard>> = {
  'security-overview': securityOverview,
  credentials,
  'pipeline-health': pipelineHealth,
  'paging-health': pagingHealth,
}

/** Path from the root of the repository, and content, of each generated file. */
export function generatedFiles(): readonly { readonly path: string; readonly text: string }[] {
  return Object.entries(DASHBOARDS).map(([name, build]) => ({
    path: `dashboards/${name}.json`,
    text: `${JSON.stringify(build(), undefined, 2)}\n`,
  }))
}
