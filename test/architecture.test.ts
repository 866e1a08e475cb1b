import assert from 'node:assert/strict'
import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { test } from 'node:test'
import { importsOf, type SourceText, sourceTexts, withoutComments } from './source-text.ts'

const sources = sourceTexts()
const isMain = (path: string): boolean => path.endsWith('/main.ts')
const folderOf = (path: string): string => path.split('/')[0]
const isOurs = (name: string): boolean => name.startsWith('.')

/** What files of a folder may import of ours, beside their own folder. `main.ts` of any folder wires: no limit. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  domain: [],
  collector: ['domain'],
  analyzer: ['domain'],
  alerter: ['domain'],
  demo: ['domain'],
  io: ['domain'],
  dashboards: ['domain', 'io'],
  cli: ['domain', 'collector', 'analyzer', 'alerter', 'demo', 'io'],
  bin: ['cli'],
  docs: ['domain', 'collector', 'analyzer', 'alerter', 'io', 'cli'],
  test: ['domain', 'collector', 'analyzer', 'alerter', 'demo', 'io', 'cli', 'docs', 'dashboards'],
}

/** Compute and nothing else, so the core may use them where it needs them. */
const PURE_PACKAGES = ['typebox', 'yaml', 'simple-statistics']

const CORE = ['domain', 'collector', 'analyzer', 'alerter', 'demo']
const isCore = ({ path }: SourceText): boolean => CORE.includes(folderOf(path)) && !isMain(path)

/** Nothing here knows its neighbours: each entry is added and removed by itself. */
const COLLECTIONS = ['collector/parsers', 'analyzer/detectors', 'alerter/stages', 'alerter/channels']

/** Registry, folder and fixtures of each kind of thing that people add. */
const KINDS = [
  { registry: 'collector/registry.ts', folder: 'parsers' },
  { registry: 'analyzer/registry.ts', folder: 'detectors' },
  { registry: 'alerter/registry.ts', folder: 'channels' },
]

/** Path of the file that an import of ours names. */
const targetOf = (path: string, name: string): string => normalize(join(dirname(path), name))

/** `typebox` of `typebox/value`, `@fastify/swagger` of itself, `node:fs` of `node:fs/promises`. */
function packageOf(name: string): string {
  return name.split('/', name.startsWith('@') ? 2 : 1).join('/')
}

/** Every pair of a file and one of its imports for which `isWrong` holds, as text. */
function offences(
  files: readonly SourceText[],
  isWrong: (path: string, name: string) => boolean,
): readonly string[] {
  return files.flatMap(({ path, imports }) =>
    imports.filter((name) => isWrong(path, name)).map((name) => `${path} imports ${name}`),
  )
}

test('imports and comments are found in a source text', () => {
  const text = `import a from 'a'\nimport type {\n  B,\n} from './b.ts'\nexport { c } from 'c/d'\nimport 'e'\nawait import('f')\n`
  assert.deepEqual(importsOf(text), ['a', './b.ts', 'c/d', 'e', 'f'])
  assert.equal(withoutComments("x /* a\nb */ y // c\n'https://z'\n"), "x  y \n'https://z'\n")
  assert.ok(sources.length > 30 && sources.some(({ imports }) => imports.length > 3))
})

test('folders import only the folders that they may', () => {
  const files = sources.filter(({ path }) => !isMain(path))
  for (const { path } of sources) assert.ok(folderOf(path) in MAY_IMPORT, `${path}: no rule for its folder`)
  assert.deepEqual(
    offences(files, (path, name) => {
      const to = folderOf(targetOf(path, name))
      return isOurs(name) && to !== folderOf(path) && !MAY_IMPORT[folderOf(path)].includes(to)
    }),
    [],
  )
})

test('a main.ts is imported by wiring only', () => {
  const files = sources.filter(({ path }) => !['bin', 'cli', 'test'].includes(folderOf(path)))
  assert.deepEqual(
    offences(files, (path, name) => isOurs(name) && isMain(targetOf(path, name))),
    [],
  )
})

test('neighbours in a collection do not import each other', () => {
  const entry = (path: string, collection: string): string | undefined =>
    path.startsWith(`${collection}/`) ? path.slice(collection.length + 1).split(/[/.]/)[0] : undefined
  assert.deepEqual(
    offences(sources, (path, name) =>
      COLLECTIONS.some((collection) => {
        const from = entry(path, collection)
        const to = isOurs(name) ? entry(targetOf(path, name), collection) : undefined
        return from !== undefined && to !== undefined && from !== to
      }),
    ),
    [],
  )
})

test('the core imports no package that touches the world', () => {
  assert.deepEqual(
    offences(sources.filter(isCore), (_, name) => !isOurs(name) && !PURE_PACKAGES.includes(packageOf(name))),
    [],
  )
})

test('every pure package is one that the core uses', () => {
  const used = new Set(sources.filter(isCore).flatMap(({ imports }) => imports.map(packageOf)))
  assert.deepEqual(
    PURE_PACKAGES.filter((name) => !used.has(name)),
    [],
  )
})

test('each package that touches the world has one home', () => {
  const shipped = sources.filter(({ path }) => !['test', 'docs', 'dashboards'].includes(folderOf(path)))
  const homes = new Map<string, Set<string>>()
  for (const { path, imports } of shipped) {
    for (const name of imports.filter((it) => !isOurs(it) && !it.startsWith('node:')).map(packageOf)) {
      if (!PURE_PACKAGES.includes(name)) homes.set(name, (homes.get(name) ?? new Set()).add(path))
    }
  }
  for (const [name, files] of homes)
    assert.equal(files.size, 1, `${name} is imported by ${[...files].join(', ')}`)
})

test('the core has no clock, no dice, no process and no console', () => {
  const WORLD = [
    /\bDate\.now\(/,
    /\bnew Date\(\)/,
    /\bMath\.random\(/,
    /\bprocess\.[a-z]/,
    /\bconsole\.[a-z]/,
    /\bperformance\.now\(/,
    /\bset(Timeout|Interval|Immediate)\(/,
  ]
  const found = sources
    .filter(isCore)
    .flatMap(({ path, code }) => WORLD.filter((word) => word.test(code)).map((word) => `${path}: ${word}`))
  assert.deepEqual(found, [])
})

test('imports of ours end with the name of a file that exists', () => {
  assert.deepEqual(
    offences(
      sources,
      (path, name) => isOurs(name) && !(/\.(ts|js|json)$/.test(name) && existsSync(targetOf(path, name))),
    ),
    [],
  )
})

for (const { registry, folder } of KINDS) {
  test(`${registry}, its folder and its fixtures name the same ${folder}`, () => {
    const home = `${folderOf(registry)}/${folder}`
    const files = existsSync(home) ? readdirSync(home).filter((name) => name.endsWith('.ts')) : []
    const names = files.map((name) => name.slice(0, -'.ts'.length)).sort()
    if (names.length === 0) return
    for (const needed of [registry, `test/fixtures/${folder}`]) assert.ok(existsSync(needed), `add ${needed}`)
    const prefix = `./${folder}/`
    const registered = importsOf(readFileSync(registry, 'utf8'))
      .filter((name) => name.startsWith(prefix))
      .map((name) => name.slice(prefix.length, -'.ts'.length))
    assert.deepEqual(registered.sort(), names)
    assert.deepEqual(readdirSync(`test/fixtures/${folder}`).sort(), names)
    for (const name of names) {
      assert.match(
        readFileSync(`${home}/${name}.ts`, 'utf8'),
        new RegExp(`\\bname: '${name}'`),
        `${home}/${name}.ts`,
      )
    }
  })
}

test('paths named in the documentation exist', () => {
  const roots = new Set(readdirSync('.'))
  const documents = ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', ...globSync('docs/**/*.md')]
  const missing = documents.filter(existsSync).flatMap((document) =>
    pathsIn(readFileSync(document, 'utf8'))
      .filter((path) => roots.has(folderOf(path)) && !existsSync(path))
      .map((path) => `${document} names ${path}`),
  )
  assert.deepEqual(missing, [])
})

/** Texts in backticks that look like paths; of one with a placeholder (`<name>`, `*`, `…`), the folders before it. */
function pathsIn(markdown: string): readonly string[] {
  const quoted = [...markdown.matchAll(/`([\w.@-]+\/[\w./@<>*…-]*)`/g)].map(([, path]) => path)
  return quoted.map((path) => path.replace(/[^/]*[<*…].*$/, '')).map((path) => path.replace(/\/$/, ''))
}

test('named paths are found in a document', () => {
  assert.deepEqual(pathsIn('see `io/file.ts`, `test/fixtures/parsers/<name>/`, `a/b c`, `word`'), [
    'io/file.ts',
    'test/fixtures/parsers',
  ])
})
