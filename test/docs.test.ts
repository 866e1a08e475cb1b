import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { detectors } from '../analyzer/registry.ts'
import { commandTree } from '../cli/command-tree.ts'
import { EXTENSIONS } from '../cli/extensions.ts'
import { program } from '../cli/program.ts'
import { NOT_READY_REASONS } from '../cli/readiness.ts'
import { VERSION } from '../cli/version.ts'
import { PARSERS } from '../collector/registry.ts'
import { ERRORS, PROBLEMS } from '../docs/generate/errors.ts'
import { generatePages } from '../docs/generate/pages.ts'
import { openApiText } from '../docs/openapi.ts'
import type { OptionSchema } from '../domain/config/option.ts'
import { formatProblem, readConfig } from '../domain/config/read.ts'
import { configSchema } from '../domain/config/schema.ts'
import { ATTEMPT_OUTCOMES, DELIVERY_STATES, DROP_REASONS } from '../domain/incident.ts'
import { REJECT_REASONS } from '../domain/reject.ts'
import { VISIBILITIES } from '../domain/visibility.ts'
import { CATALOGUE } from '../io/metric-catalogue.ts'
import { anchorsOf, blocksOf, commandsOf, linksOf } from './markdown.ts'
import { rawRecord, testContext } from './raw-record.ts'

const pages = generatePages()
const documents = [
  'README.md',
  'ARCHITECTURE.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  'SECURITY.md',
  ...globSync('docs/**/*.md').sort(),
]
const textOf = (path: string): string => readFileSync(path, 'utf8')
/** All that is run of a checkout. */
const CODE = ['bin/meshwatch.js', ...globSync('{domain,collector,analyzer,alerter,io,cli}/**/*.ts').sort()]
  .map(textOf)
  .join('\n')

for (const { path, text } of pages) {
  test(`${path} is what "npm run docs" writes`, () => assert.equal(textOf(path), text))
}

test('docs/reference/openapi.json is what "npm run docs" writes', async () => {
  assert.equal(textOf('docs/reference/openapi.json'), await openApiText(VERSION))
})

test('every file of the reference and every picture is generated', () => {
  const generated = [...pages.map(({ path }) => path), 'docs/reference/openapi.json'].sort()
  // Pictures of dashboards show a real run: test/dashboards/preview.test.ts looks after them.
  const found = globSync('docs/{reference,pictures}/**/*.*').filter((path) => !path.includes('dashboard-'))
  assert.deepEqual(found.sort(), generated)
})

test('every key of the configuration is in its page, and every option has a description', () => {
  const page = textOf('docs/reference/configuration.md')
  for (const [key, option] of optionsOf(configSchema(EXTENSIONS) as OptionSchema)) {
    assert.ok(page.includes(`| \`${key}\` |`), key)
    assert.ok(option.description, key)
  }
})

/** Words of the code, and the document in which a person looks them up. */
const WORDS: readonly (readonly [document: string, words: readonly string[]])[] = [
  ['docs/reference/rejects.md', Object.keys(REJECT_REASONS)],
  ['docs/operations.md', Object.keys(REJECT_REASONS)],
  ['docs/reference/closed-lists.md', NOT_READY_REASONS],
  ['docs/operations.md', NOT_READY_REASONS],
  ['docs/troubleshooting.md', NOT_READY_REASONS],
  ['docs/reference/closed-lists.md', Object.keys(DROP_REASONS)],
  ['docs/reference/closed-lists.md', ATTEMPT_OUTCOMES],
  ['docs/reference/closed-lists.md', DELIVERY_STATES],
  ['docs/reference/metrics.md', CATALOGUE.map(({ name }) => `meshwatch_${name}`)],
  ['docs/reference/parsers.md', [...PARSERS.map(({ name }) => name), ...VISIBILITIES]],
  ['docs/reference/detectors.md', detectors.map(({ name }) => name)],
  ['README.md', detectors.map(({ name }) => name)],
]

for (const [document, words] of WORDS) {
  test(`${document} explains ${words[0]} and ${words.length - 1} more of its kind`, () => {
    const text = textOf(document)
    assert.deepEqual(
      words.filter((word) => !text.includes(`\`${word}\``)),
      [],
    )
  })
}

/** Words in quotes that a pattern finds in the code. */
function wordsInCode(...patterns: readonly RegExp[]): readonly string[] {
  const found = patterns.flatMap((pattern) => [...CODE.matchAll(pattern)].map(([, word]) => word))
  return [...new Set(found)].sort()
}

test('every code that the API answers with is in docs/generate/errors.ts, and no other', () => {
  const codes = wordsInCode(/\bcode: '([a-z-]+)'/g, /\brefuse\(\s*\d+,\s*'([a-z-]+)'/g)
  assert.deepEqual(Object.keys(PROBLEMS).sort(), codes)
})

test('every code of an error is in docs/generate/errors.ts, and no other', () => {
  const codes = wordsInCode(/\b(?:worldError|kafkaError)\(\s*'([a-z-]+)'/g, /\breadonly code = '([a-z-]+)'/g)
  assert.deepEqual(Object.keys(ERRORS).sort(), codes)
})

test('docs/reference/cli.md has every command and option', () => {
  const page = textOf('docs/reference/cli.md')
  for (const { path, node } of commandTree(program()).map((each) => ({
    path: each.path.join(' '),
    node: each,
  }))) {
    assert.ok(page.includes(`## ${path}\n`), path)
    for (const { flags } of node.options) assert.ok(page.includes(`| \`${flags}\` |`), `${path} ${flags}`)
  }
})

/** Put together of two words by the code, so that no source has them whole. */
const COMPOSED = ['file opened', 'file missing', 'file lost']

test('messages in docs/troubleshooting.md are ones that the program prints', () => {
  const messages = tablesOf('docs/troubleshooting.md', 'message').flatMap(([first]) =>
    [...first.matchAll(/`([^`]+)`/g)].map(([, message]) => message),
  )
  assert.ok(messages.length > 50)
  for (const message of messages.filter((each) => !COMPOSED.includes(each) && !each.startsWith('meshwatch_')))
    for (const part of message.split('…').map((each) => each.replace(/^[\s:;,("]+|[\s:;,("]+$/g, '')))
      assert.ok(CODE.includes(part), `${message}: no source has "${part}"`)
})

test('metrics that a document names exist', () => {
  const known = new Set<string>([...CATALOGUE.map(({ name }) => `meshwatch_${name}`), 'meshwatch_build_info'])
  for (const document of documents)
    for (const [name] of textOf(document).matchAll(/\bmeshwatch_[a-z_]+\b/g))
      assert.ok(known.has(name), `${document}: ${name}`)
})

test('configurations shown in the documentation are right', () => {
  const shown = documents.flatMap((document) => blocksOf(document, 'yaml'))
  assert.ok(shown.length >= 3)
  for (const { document, text } of shown) {
    const result = readConfig(text, document, EXTENSIONS)
    assert.deepEqual('problems' in result ? result.problems.map(formatProblem) : [], [])
  }
})

test('events shown in the reference are events', () => {
  const parser = PARSERS.find(({ name }) => name === 'meshwatch') ?? assert.fail('no parser meshwatch')
  const lines = blocksOf('docs/reference/events.md', 'json').flatMap(({ text }) => text.trim().split('\n'))
  assert.ok(lines.length >= 3)
  for (const line of lines) {
    const outcome = parser.parse(rawRecord(Buffer.from(line)), testContext())
    assert.ok(typeof outcome !== 'string' && [...outcome].length === 1, `${line}: ${outcome}`)
  }
})

test('docs/log-formats.md has a row for every key that is read of an Envoy row, and for no other', () => {
  const read = [...textOf('collector/envoy/row.ts').matchAll(/^ {2}readonly (\w+)\?: unknown$/gm)]
  const cells = [...textOf('docs/log-formats.md').matchAll(/^\| (`.*?) \| /gm)].map(([, first]) => first)
  const shown = cells.flatMap((first) => [...first.matchAll(/`(\w+)`/g)].map(([, key]) => key))
  const known = read.map(([, key]) => key)
  assert.deepEqual(shown.toSorted(), known.toSorted())
  const [{ text }] = blocksOf('docs/log-formats.md', 'json')
  assert.deepEqual(
    Object.keys(JSON.parse(text)).filter((key) => !known.includes(key)),
    [],
  )
})

test('links between documents lead somewhere', () => {
  for (const document of documents) {
    for (const link of linksOf(textOf(document))) {
      const [path, anchor] = link.split('#')
      const target = path === '' ? document : join(dirname(document), path)
      assert.ok(existsSync(target), `${document} links to ${link}`)
      if (anchor !== undefined)
        assert.ok(anchorsOf(textOf(target)).includes(anchor), `${document} links to ${link}`)
    }
  }
})

/** Reads a command line without running its command. */
async function takes(words: readonly string[]): Promise<boolean> {
  const line = program().exitOverride()
  for (const command of line.commands.flatMap((each) => [each, ...each.commands])) {
    command.exitOverride().configureOutput({ writeErr: () => {} })
    if (command.commands.length === 0) command.action(() => {})
  }
  return line.parseAsync(words.slice(1), { from: 'user' }).then(
    () => true,
    () => false,
  )
}

test('commands shown in the documentation are ones that the command line takes', async () => {
  const commands = documents.flatMap((document) => commandsOf(document))
  const ours = commands.filter(({ words }) => words[0] === 'meshwatch')
  assert.ok(ours.length >= 10)
  for (const { document, words } of ours) assert.ok(await takes(words), `${document}: ${words.join(' ')}`)
  assert.equal(await takes(['meshwatch', 'replay', '--emit', 'nothing', 'access.log']), false)
  assert.equal(await takes(['meshwatch', 'run', '--port', '80']), false)
})

test('code shown in the documentation is code of the repository', () => {
  const sources = globSync('{domain,collector,analyzer,alerter,io,cli}/**/*.ts').map(textOf)
  const shown = documents.flatMap((document) => blocksOf(document, 'ts'))
  assert.ok(shown.length > 0)
  for (const { document, text } of shown)
    assert.ok(
      sources.some((source) => source.includes(text)),
      document,
    )
})

test('npm scripts named in the documentation exist', () => {
  const { scripts } = JSON.parse(textOf('package.json')) as { scripts: Record<string, string> }
  for (const document of documents)
    for (const [, name] of textOf(document).matchAll(/npm run ([\w:-]+)/g))
      assert.ok(name in scripts, `${document}: npm run ${name}`)
})

/** Rows of the tables whose first column has this head. */
function tablesOf(document: string, head: string): readonly (readonly string[])[] {
  const tables = textOf(document).match(/^(?:\|.*\n)+/gm) ?? []
  return tables
    .filter((table) => table.startsWith(`| ${head} |`))
    .flatMap((table) => table.trim().split('\n').slice(2))
    .map((row) => row.slice(2, -2).split(' | '))
}

/** Every key below a schema with its option, blocks and list items included. */
function optionsOf(schema: OptionSchema): readonly (readonly [string, OptionSchema])[] {
  const below = schema.items ?? schema
  return Object.entries(below.properties ?? {}).flatMap(([key, option]) => [
    [key, option] as const,
    ...optionsOf(option),
  ])
}
