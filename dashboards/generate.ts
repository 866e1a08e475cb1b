import { writeFileSync } from 'node:fs'
import { generatedFiles } from './dashboards.ts'

// `node dashboards/generate.ts`: writes what Grafana reads; a test compares it with what is checked in.
for (const { path, text } of generatedFiles()) {
  writeFileSync(path, text)
  console.log(path)
}
