import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { Type } from 'typebox'
import { readConfigFile } from '../../io/config-file.ts'
import { readSecret, withSecrets } from '../../io/secret.ts'

const folder = mkdtempSync(join(tmpdir(), 'meshwatch-config-'))
after(() => rmSync(folder, { recursive: true }))

const webhook = Type.Object({ url: Type.String(), secrets: Type.Array(Type.String()) })
const extensions = { formats: [], detectors: {}, channels: { webhook } }

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
alerter: { endpoints: [{ name: a, webhook: { url: https://a.example.com, secrets: [{ file: key }, { env: KEY }] } }] }
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

test('files of the section redis are taken from the folder too', async () => {
  const read = async (yaml: string) => {
    const result = await readConfigFile(written('redis.yaml', `redis: ${yaml}\n`), extensions)
    assert.ok('config' in result)
    return result.config.redis
  }
  const defaults = { namespace: 'meshwatch', commandTimeoutMs: 5000 }
  assert.deepEqual(
    await read('{ address: "r:6379", username: m, password: { file: key }, tls: { caFile: ca.pem } }'),
    {
      ...defaults,
      address: 'r:6379',
      username: 'm',
      password: { file: join(folder, 'key') },
      tls: { caFile: join(folder, 'ca.pem') },
    },
  )
  assert.deepEqual(await read('{ sentinel: { addresses: ["s:1"], password: { file: key } }, tls: {} }'), {
    ...defaults,
    sentinel: { name: 'mymaster', addresses: ['s:1'], password: { file: join(folder, 'key') } },
    tls: {},
  })
  assert.deepEqual(await read('{ cluster: ["[::1]:1"], password: { env: KEY } }'), {
    ...defaults,
    cluster: ['[::1]:1'],
    password: { env: 'KEY' },
  })
})

test('a wrong file is told with its path', async () => {
  const path = written('wrong.yaml', 'dataDirectory: x\n')
  const result = await readConfigFile(path, extensions)
  assert.ok('problems' in result)
  assert.deepEqual([result.problems[0].file, result.problems[0].line], [path, 1])
})

test('a file that cannot be read is an error with a code', async () => {
  await assert.rejects(readConfigFile(join(folder, 'absent.yaml'), extensions), { code: 'file-missing' })
  await assert.rejects(readConfigFile(folder, extensions), { code: 'file-is-folder' })
})

test('a secret comes from its file or variable', () => {
  const options = { url: 'https://a.example.com' }
  const secrets = [{ file: written('key', 'whsec_abc\n') }, { env: 'KEY' }]
  const endpoint = { name: 'a', minimumSeverity: 'low', channel: 'webhook', options, secrets } as const
  assert.deepEqual(withSecrets(endpoint, { KEY: ' whsec_def ' }), {
    name: 'a',
    minimumSeverity: 'low',
    channel: 'webhook',
    options: { url: 'https://a.example.com', secrets: ['whsec_abc', 'whsec_def'] },
  })
})

test('a missing or empty secret names its place', () => {
  assert.throws(() => readSecret({ env: 'KEY' }, {}), {
    code: 'secret-missing',
    message:
      'found no secret in the environment variable KEY: set it, or name another place in the configuration',
  })
  const none = join(folder, 'none')
  assert.throws(() => readSecret({ file: none }), {
    code: 'secret-missing',
    message: `cannot read a secret from a file: ${none}: no such file`,
  })
  assert.throws(() => readSecret({ file: written('empty', '\n') }), { code: 'secret-missing' })
})
