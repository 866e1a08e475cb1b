import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { VERSION } from '../cli/version.ts'
import { generatePages } from './generate/pages.ts'
import { openApiText } from './openapi.ts'

// `npm run docs`: writes the generated pages; a test compares them with what is checked in.
const openApi = { path: 'docs/reference/openapi.json', text: await openApiText(VERSION) }
for (const { path, text } of [...generatePages(), openApi]) {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
  console.log(path)
}
