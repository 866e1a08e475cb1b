import { CA_SOURCE, MESH_SOURCE } from '../demo/shop.ts'
import { readConfig } from '../domain/config/read.ts'
import type { Config } from '../domain/config/schema.ts'
import { EXTENSIONS } from './extensions.ts'

/** Free ports of loopback, and a receiver at this URL as the one endpoint. */
export function demoConfig(url: string): Config {
  const result = readConfig(
    `sources: [{ file: ${CA_SOURCE}, name: ${CA_SOURCE} }, { file: ${MESH_SOURCE}, name: ${MESH_SOURCE} }]
api: { port: 0 }
metrics: { port: 0 }
intake: { enabled: false }
`,
    'demo',
    EXTENSIONS,
  )
  if (!('config' in result)) throw new Error('the demo has no valid configuration')
  const { config } = result
  const endpoint = {
    name: 'on-call',
    channel: 'webhook',
    minimumSeverity: 'low' as const,
    options: { url },
    secrets: [],
  }
  return { ...config, alerter: { ...config.alerter, endpoints: [endpoint] } }
}
