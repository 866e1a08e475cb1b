import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { EXTENSIONS } from '../cli/extensions.ts'
import { generatePages } from '../docs/generate/pages.ts'
import type { OptionSchema } from '../domain/config/option.ts'
import { formatProblem, readConfig } from '../domain/config/read.ts'
import { configSchema } from '../domain/config/schema.ts'
import { REJECT_REASONS } from '../domain/reject.ts'

const pages = generatePages()

function pageAt(path: string): string {
  return pages.find((page) => page.path === path)?.text ?? assert.fail(`no page ${path}`)
}

for (const { path, text } of pages) {
  test(`${path} is what "npm run docs" writes`, () => assert.equal(readFileSync(path, 'utf8'), text))
}

test('every file of the reference is generated', () => {
  assert.deepEqual(globSync('docs/reference/**/*.md').sort(), pages.map(({ path }) => path).sort())
})

test('every key of the configuration is in its page', () => {
  const page = pageAt('docs/reference/configuration.md')
  for (const [key] of optionsOf(configSchema(EXTENSIONS) as OptionSchema)) {
    assert.ok(page.includes(`| \`${key}\` |`), key)
  }
})

test('every option has a description', () => {
  const bare = optionsOf(configSchema(EXTENSIONS) as OptionSchema).filter(([, option]) => !option.description)
  assert.deepEqual(
    bare.map(([key]) => key),
    [],
  )
})

test('every reason of a reject is in its page', () => {
  const page = pageAt('docs/reference/rejects.md')
  for (const reason of Object.keys(REJECT_REASONS)) assert.ok(page.includes(`| \`${reason}\` |`), reason)
})

test('configurations shown in the documentation are right', () => {
  const documents = ['README.md', ...globSync('docs/**/*.md')]
  const shown = documents.flatMap((document) => blocksOf(document, 'yaml'))
  assert.ok(shown.length > 0)
  for (const { document, text } of shown) {
    const result = readConfig(text, document, EXTENSIONS)
    assert.deepEqual('problems' in result ? result.problems.map(formatProblem) : [], [])
  }
})

/** Every key below a schema with its option, blocks and list items included. */
function optionsOf(schema: OptionSchema): readonly (readonly [string, OptionSchema])[] {
  const below = schema.items ?? schema
  return Object.entries(below.properties ?? {}).flatMap(([key, option]) => [
    [key, option] as const,
    ...optionsOf(option),
  ])
}

/** Code blocks of one language in a document. */
function blocksOf(document: string, language: string): readonly { document: string; text: string }[] {
  if (!existsSync(document)) return []
  const blocks = readFileSync(document, 'utf8').matchAll(/^```(\w+)\n([\s\S]*?)^```/gm)
  return [...blocks].filter(([, name]) => name === language).map(([, , text]) => ({ document, text }))
}
