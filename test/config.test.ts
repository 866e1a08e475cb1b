import assert from 'node:assert/strict'
import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { Type } from 'typebox'
import { Value } from 'typebox/value'
import { EXTENSIONS } from '../cli/extensions.ts'
import { checkOptions } from '../domain/config/check.ts'
import type { OptionSchema } from '../domain/config/option.ts'
import { type ConfigProblem, formatProblem, readConfig } from '../domain/config/read.ts'
import { configSchema, type Extensions } from '../domain/config/schema.ts'
import { readYaml } from '../domain/config/yaml.ts'

/** Each `<mistake>.yaml` has what a person is told beside it, in `<mistake>.txt`. */
const FOLDER = new URL('./fixtures/config/', import.meta.url)
const update = process.env.UPDATE_FIXTURES === '1'

const extensions: Extensions = {
  formats: ['envoy-json', 'step-ca'],
  detectors: {
    'new-edge': Type.Object({}),
    volume: Type.Object({ minimumCalls: Type.Integer({ default: 10, minimum: 1, maximum: 1000 }) }),
  },
  channels: {
    webhook: Type.Object({
      url: Type.String({
        pattern: '^https?://',
        expects: 'an address that begins with https://',
        sensitive: true,
      }),
      secrets: Type.Array(Type.String(), { minItems: 1, description: 'signing secrets' }),
      allowHttp: Type.Optional(Type.Boolean({ default: false })),
    }),
    chat: Type.Object({ url: Type.String() }),
  },
}

function problemsOf(text: string): readonly ConfigProblem[] {
  const result = readConfig(text, 'meshwatch.yaml', extensions)
  return 'problems' in result ? result.problems : []
}

function configOf(text: string) {
  const result = readConfig(text, 'meshwatch.yaml', extensions)
  if ('problems' in result) assert.fail(result.problems.map(formatProblem).join('\n'))
  return result.config
}

const mistakes = globSync('*.yaml', { cwd: FOLDER }).sort()

test('there are at least 30 seeded mistakes', () => assert.ok(mistakes.length >= 30))

for (const file of mistakes) {
  test(`config mistake: ${basename(file, '.yaml').replaceAll('-', ' ')}`, () => {
    const told = `${problemsOf(readFileSync(new URL(file, FOLDER), 'utf8'))
      .map(formatProblem)
      .join('\n')}\n`
    const golden = new URL(file.replace(/\.yaml$/, '.txt'), FOLDER)
    if (update) writeFileSync(golden, told)
    assert.equal(told, readFileSync(golden, 'utf8'))
    assert.match(told, /^meshwatch\.yaml:\d+:\d+: .+; .+\n/)
    assert.doesNotMatch(told, /hunter2|Zm9yLXRlc3Rpbmc/, 'a secret is never repeated')
  })
}

test('an empty file is a whole configuration', () => {
  for (const text of ['', '\n', '# nothing yet\n', '---\n', '{}']) {
    const config = configOf(text)
    assert.equal(config.trustDomain, 'cluster.local')
    assert.deepEqual(config.sources, [])
    assert.equal(config.analyzer.budget.findingsPerDay, 20)
    assert.deepEqual(config.analyzer.detectors, {
      'new-edge': { enabled: true },
      volume: { enabled: true, minimumCalls: 10 },
    })
    assert.ok(Value.Check(configSchema(extensions), config))
  }
})

test('what is written stands, and the rest is filled in', () => {
  const config = configOf(`
sources: [{ file: a.log }, { stdin: true, format: step-ca }, { file: b.log, name: edge, start: end }]
analyzer: { detectors: { volume: { minimumCalls: 3 } } }
api: { host: 0.0.0.0, tokens: [{ name: on-call, sha256: ${'ab'.repeat(32)} }] }
`)
  assert.deepEqual(config.sources, [
    { file: 'a.log', name: 'a.log', format: 'auto', start: 'beginning' },
    { stdin: true, name: 'stdin', format: 'step-ca', start: 'beginning' },
    { file: 'b.log', name: 'edge', format: 'auto', start: 'end' },
  ])
  assert.deepEqual(config.analyzer.detectors.volume, { enabled: true, minimumCalls: 3 })
  assert.equal(config.api.tokens[0].role, 'viewer')
})

test('an endpoint is its channel with the options, and its secrets apart', () => {
  const endpoint = (url: string) =>
    `- { name: a, webhook: { url: '${url}', secrets: [{ env: A }, { file: b }] } }`
  const [first] = configOf(`alerter: { endpoints: [{ name: c, chat: { url: x } }] }`).alerter.endpoints
  assert.deepEqual(first, {
    name: 'c',
    minimumSeverity: 'low',
    channel: 'chat',
    options: { url: 'x' },
    secrets: [],
  })
  const [second] = configOf(`alerter:\n  endpoints:\n    ${endpoint('http://127.0.0.1:9/')}`).alerter
    .endpoints
  assert.deepEqual(second.options, { url: 'http://127.0.0.1:9/', allowHttp: false })
  assert.deepEqual(second.secrets, [{ env: 'A' }, { file: 'b' }])
  assert.deepEqual(problemsOf(`alerter:\n  endpoints:\n    ${endpoint('http://[::1]:9/')}`), [])
  assert.equal(
    problemsOf(`alerter:\n  endpoints:\n    ${endpoint('http://127.0.0.1.example.com/')}`).length,
    1,
  )
})

test('shared parts of a file are read', () => {
  const config = configOf('api: &anywhere { port: 0 }\nmetrics: *anywhere\n')
  assert.deepEqual([config.api.port, config.metrics.port, config.intake.port], [0, 0, 8600])
})

test('a secret in the wrong place is never repeated', () => {
  const secrets = [
    'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    'mw_Zm9yLXRlc3Rpbmct',
    'eyJhbGciOiJIUzI1NiJ9.e30.c2ln',
    'AKIAIOSFODNN7EXAMPLE',
    'Bearer abcdef',
    'https://user:hunter2@example.com/',
    '-----BEGIN PRIVATE KEY-----',
  ]
  const slots = [
    'dataDir: [%]',
    'trustDomain: %',
    'sources: %',
    'sources: [%]',
    'sources: [{ file: a, format: % }]',
    'api: { port: % }',
    'api: { tokens: [{ name: %, sha256: % }] }',
    'log: { level: % }',
    'analyzer: { detectors: % }',
    'alerter: { publicUrl: % }',
    'alerter: { endpoints: [{ name: a, webhook: { url: %, secrets: [%] } }] }',
    'alerter: { endpoints: [{ name: a, webhook: { url: "https://a", secrets: [{ env: % }], allowHttp: % } }] }',
    '%: 1',
    'api: { %: 1 }',
    'x: &a [*b, %]',
  ]
  for (const secret of secrets) {
    for (const slot of slots) {
      const told = JSON.stringify(problemsOf(slot.replaceAll('%', JSON.stringify(secret))))
      assert.ok(!told.includes(secret.slice(0, 12)), `${slot}: ${told}`)
    }
  }
})

test('a huge, deep or binary text is refused and nothing more', () => {
  for (const text of ['x'.repeat(2_000_000), '['.repeat(100_000), '{a: '.repeat(50_000), '\0\u0001\uffff']) {
    const problems = problemsOf(text)
    assert.ok(problems.length > 0 && problems.length <= 50)
  }
})

test('a file full of mistakes names the first 50', () => {
  const text = Array.from({ length: 1000 }, (_, at) => `key${at}: 1`).join('\n')
  assert.deepEqual(
    problemsOf(text).map(({ line }) => line),
    Array.from({ length: 50 }, (_, at) => at + 1),
  )
})

test('any text gives a configuration or problems with a place', () => {
  const words = [
    'sources',
    'api',
    'port',
    'host',
    ':',
    ' ',
    '\n',
    '  ',
    '- ',
    '{',
    '}',
    '[',
    ']',
    '*',
    '&a',
    '"',
    '1',
    '!',
  ]
  const text = fc.oneof(
    fc.string(),
    fc.array(fc.constantFrom(...words)).map((parts) => parts.join('')),
  )
  fc.assert(
    fc.property(text, (sample) => {
      for (const { line, column, problem, fix } of problemsOf(sample)) {
        assert.ok(line >= 1 && column >= 1 && problem !== '' && fix !== '')
      }
    }),
  )
})

test('options are refused exactly when the schema refuses them', () => {
  const schema = configSchema(extensions)
  const texts = mistakes.map((file) => readFileSync(new URL(file, FOLDER), 'utf8'))
  for (const text of [...texts, '', 'api: { port: 1 }', 'sources: [{ stdin: true }]']) {
    const yaml = readYaml(text)
    if ('problems' in yaml) continue
    const value = yaml.value ?? {}
    const filled = Value.Default(schema, structuredClone(value))
    assert.equal(checkOptions(schema as OptionSchema, value).length === 0, Value.Check(schema, filled))
  }
})

/** All of a schema, itself first. */
function within(schema: OptionSchema): readonly OptionSchema[] {
  const below = [...Object.values(schema.properties ?? {}), ...(schema.items ? [schema.items] : [])]
  return [schema, ...below.flatMap(within)]
}

test('every option that has to look a certain way says how, in words', () => {
  for (const option of within(configSchema(EXTENSIONS) as OptionSchema))
    if ('pattern' in option) assert.ok(option.expects, `${option.description}: ${option.pattern}`)
})

test('an address that could hold a token is not repeated', () => {
  const written = `alerter: { endpoints: [{ name: a, webhook: { url: 'htps://chat.example/T0/token', secrets: [{ env: A }] } }] }`
  const result = readConfig(written, 'meshwatch.yaml', EXTENSIONS)
  const [told] = 'problems' in result ? result.problems.map(formatProblem) : []
  assert.doesNotMatch(told, /token/)
  assert.match(
    told,
    /url: .*; write an address that begins with https:\/\/ or http:\/\/, without a user or a space in it, for example url: https:/,
  )
})

test('an address that no request can go to is refused at the start', () => {
  const isTaken = (url: string) => {
    const endpoint = `{ name: a, webhook: { url: ${JSON.stringify(url)}, secrets: [{ env: A }] } }`
    const result = readConfig(`alerter: { endpoints: [${endpoint}] }`, 'meshwatch.yaml', EXTENSIONS)
    return 'config' in result
  }
  for (const url of [
    'https://a',
    'http://127.0.0.1:9/x?y=z',
    'https://[2001:db8::1]:8443/',
    'https://bücher.example/#a',
  ])
    assert.ok(isTaken(url), url)
  for (const url of [
    'https://',
    'https:///x',
    'https://a b/',
    'https://u:p@a/',
    'https://a:port/',
    'https://a/ b',
  ])
    assert.ok(!isTaken(url), url)
})
