import assert from 'node:assert/strict'
import { copyFileSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import type { Coverage } from '../cli/coverage.ts'
import { loadConfig } from '../cli/load-config.ts'
import { embeddedSetup } from '../cli/run.ts'
import { watch } from '../cli/watch.ts'
import type { Incident } from '../domain/incident.ts'
import { eventually } from './run-process.ts'

/** A running process learns of a revocation from a list that is replaced under it, and from nothing else. */

const FIXTURES = new URL('./fixtures/', import.meta.url).pathname
const REVOKED = 'c6e5fca123a985e98389de5a63ea4595'
/** After the logs end. Event time runs on faster than the clock, so that nothing has to wait. */
const NOW = Date.UTC(2026, 10, 22, 14)
const SPEED = 100
/** Nothing is found when the list is not read. */
const LIMIT = { timeout: 60_000 }

const folder = mkdtempSync(join(tmpdir(), 'meshwatch-crl-'))
after(() => rmSync(folder, { recursive: true }))

function publish(name: string): void {
  copyFileSync(join(FIXTURES, 'lists', name), join(folder, 'ca.crl.new'))
  renameSync(join(folder, 'ca.crl.new'), join(folder, 'ca.crl'))
}

/** The log of the authority without what it says about revocation. */
function silentAuthority(): string {
  const lines = readFileSync(join(FIXTURES, 'captures/step-ca/ca.jsonl'), 'utf8').split('\n')
  return lines.filter((line) => !/revoke/.test(line)).join('\n')
}

async function configured() {
  writeFileSync(join(folder, 'ca.jsonl'), silentAuthority())
  const path = join(folder, 'meshwatch.yaml')
  writeFileSync(
    path,
    `dataDir: ${folder}/data
sources:
  - file: ${folder}/ca.jsonl
  - file: ${FIXTURES}captures/envoy/inbound-ledger-2.jsonl
  - { file: ${folder}/ca.crl, name: revocations }
intake: { enabled: false }
api: { port: 0 }
metrics: { port: 0 }
`,
  )
  return loadConfig(path)
}

async function coverage(api: string | undefined): Promise<Coverage> {
  const answer = await fetch(`${api}/v1/coverage`)
  assert.equal(answer.status, 200)
  return (await answer.json()) as Coverage
}

test('a certificate is found in use after its revocation, which only the list tells', LIMIT, async () => {
  publish('nothing-revoked.pem')
  const began = performance.now()
  const opened = Promise.withResolvers<Incident>()
  let listsRead = 0
  const setup = embeddedSetup(await configured(), (_, message, fields) => {
    if (message !== 'file read') return
    assert.deepEqual(fields, { path: join(folder, 'ca.crl') })
    if (++listsRead === 1) publish('pay-revoked.der')
  })
  const watching = await watch({
    ...setup,
    clock: () => NOW + (performance.now() - began) * SPEED,
    onReport: ({ updates }) => {
      for (const { before, after: incident } of updates) if (before === undefined) opened.resolve(incident)
    },
  })
  try {
    const incident = await Promise.race([opened.promise, watching.ended])
    assert.equal(listsRead, 2)
    assert.ok(incident !== undefined)
    assert.deepEqual(incident.detectors, ['revoked-credential'])
    assert.equal(incident.group, `credential:x509:${REVOKED}`)
    const evidence = incident.findings.flatMap((finding) => finding.evidence)
    assert.ok(evidence.some(({ source }) => source.endsWith('inbound-ledger-2.jsonl')))
    const { detectors, sources } = await coverage(watching.doors.api)
    assert.deepEqual(
      detectors.map(({ canEvaluate }) => canEvaluate),
      [true, true, true],
    )
    assert.deepEqual(sources.at(-1), {
      source: 'revocations',
      format: 'crl',
      records: 2,
      events: 2,
      rejects: 0,
      shows: ['lifecycle', 'revocation'],
    })
    const metrics = await (await fetch(watching.doors.metrics!)).text()
    assert.match(metrics, /^meshwatch_detector_can_evaluate\{detector="revoked-credential"\} 1$/m)
  } finally {
    await watching.stop()
  }
})

test('after a restart the list that was read before still counts', LIMIT, async () => {
  const watching = await watch(embeddedSetup(await loadConfig(join(folder, 'meshwatch.yaml')), () => {}))
  try {
    const list = await eventually(async () => {
      const { sources } = await coverage(watching.doors.api)
      return sources.find(({ source, format }) => source === 'revocations' && format === 'crl')
    })
    assert.deepEqual([list.records, list.shows], [0, ['lifecycle', 'revocation']])
  } finally {
    await watching.stop()
  }
})
