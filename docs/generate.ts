import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { generatePages } from './generate/pages.ts'

// `npm run docs`: writes the generated pages; a test compares them with what is checked in.
for (const { path, text } of generatePages()) {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
  console.log(path)
}
