import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { readConfigFile } from '../../io/config-file.ts'
import { readSecret } from '../../io/secret.ts'

const folder = mkdtempSync(join(tmpdir(), 'meshwatch-config-'))
after(() => rmSync(folder, { recursive: true }))

const extensions = { formats: [], detectors: {} }

function written(name: string, text: string | Uint8Array): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

test('paths are relative to the folder of the file, and names stay as written', async () => {
  const path = written(
    'meshwatch.yaml',
    `dataDir: data
sources: [{ file: logs/a.log }, { file: /var/log/b.log }, { stdin: true }]
alerter: { endpoints: [{ name: a, url: https://a.example.com, secrets: [{ file: key }, { env: KEY }] }] }
`,
  )
  const result = await readConfigFile(path, extensions)
  assert.ok('config' in result)
  assert.equal(result.config.dataDir, join(folder, 'data'))
  assert.deepEqual(
    result.config.sources.map(({ file, name }) => [file, name]),
    [
      [join(folder, 'logs/a.log'), 'logs/a.log'],
      ['/var/log/b.log', '/var/log/b.log'],
      [undefined, 'stdin'],
    ],
  )
  assert.deepEqual(result.config.alerter.endpoints[0].secrets, [
    { file: join(folder, 'key') },
    { env: 'KEY' },
  ])
})

test('a wrong file is told with its path', async () => {
  const path = written('wrong.yaml', 'dataDirectory: x\n')
  const result = await readConfigFile(path, extensions)
  assert.ok('problems' in result)
  assert.deepEqual([result.problems[0].file, result.problems[0].line], [path, 1])
})

test('a file that cannot be read is an error with a code', async () => {
  for (const path of [join(folder, 'absent.yaml'), folder]) {
    await assert.rejects(readConfigFile(path, extensions), { code: 'config-unreadable' })
  }
})

test('a secret comes from its file or variable', () => {
  assert.equal(readSecret({ file: written('key', 'whsec_abc\n') }), 'whsec_abc')
  assert.equal(readSecret({ env: 'KEY' }, { KEY: ' whsec_def ' }), 'whsec_def')
})

test('a missing or empty secret names its place', () => {
  assert.throws(() => readSecret({ env: 'KEY' }, {}), { code: 'secret-missing', message: /variable KEY/ })
  assert.throws(() => readSecret({ file: join(folder, 'none') }), { code: 'secret-missing', message: /none/ })
  assert.throws(() => readSecret({ file: written('empty', '\n') }), { code: 'secret-missing' })
})
