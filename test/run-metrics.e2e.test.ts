import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { endProcesses, eventually, FREE_PORTS, runFolder, startProcess } from './run-process.ts'
import { without } from './servers/availability.ts'

/** `/metrics` of a process that works, as an operator's Prometheus gets it. */

after(endProcesses)

const SOURCE = 'sources: [{ file: access.log, name: edge }]\n'
const LINES = [
  { kind: 'call', caller: 'web', callee: 'ledger', credential: { kind: 'x509', id: '1' } },
  { kind: 'call', caller: 'web', callee: 'ledger', status: 403, credential: { kind: 'jwt', id: '2' } },
  { kind: 'lifecycle', action: 'revoked', identity: 'web', credential: { kind: 'x509', id: '9' } },
]

/** Starts watching a file with a few lines. @returns what gives the exposition text */
async function startWatching(): Promise<() => Promise<string>> {
  const folder = runFolder(`${FREE_PORTS}intake: { enabled: false }\n${SOURCE}`)
  const lines = LINES.map((line) => JSON.stringify({ ...line, time: Date.now() }))
  writeFileSync(join(folder, 'access.log'), `${lines.join('\n')}\n`)
  const run = startProcess(folder)
  const { metrics } = await run.said('watching')
  return async () => (await fetch(String(metrics))).text()
}

const sampleOf = (text: string, sample: string): number =>
  Number(
    text
      .split('\n')
      .find((line) => line.startsWith(`meshwatch_${sample} `))
      ?.split(' ')[1],
  )

describe('the metrics of a run', () => {
  test('tell what went in, and that a canary came through every stage', async () => {
    const text = await startWatching()
    const all = await eventually(async () => {
      const now = await text()
      const isThrough = sampleOf(now, 'canary_timestamp_seconds{stage="alerter"}') > 0
      return isThrough && sampleOf(now, 'events_accepted_total') === LINES.length ? now : undefined
    })
    const now = Date.now() / 1000
    for (const stage of ['collector', 'analyzer', 'alerter'])
      assert.ok(Math.abs(sampleOf(all, `canary_timestamp_seconds{stage="${stage}"}`) - now) < 60, stage)
    assert.ok(now - sampleOf(all, 'source_last_record_timestamp_seconds{source="edge"}') < 60)
    assert.equal(sampleOf(all, 'stage_duration_seconds_count{stage="delivery"}'), 0)
    assert.ok(sampleOf(all, 'stage_duration_seconds_count{stage="collector"}') > 0)
    assert.equal(sampleOf(all, 'store_errors_total{store="incidents"}'), 0)
    assert.equal(sampleOf(all, 'incident_oldest_open_timestamp_seconds'), 0)
    assert.equal(sampleOf(all, 'metric_overflow_total'), 0)
    await eventually(async () => {
      const later = await text()
      const counted = [
        sampleOf(later, 'denied_calls_total{reason="forbidden"}'),
        sampleOf(later, 'credential_uses_total{kind="x509"}'),
        sampleOf(later, 'credential_uses_total{kind="jwt"}'),
        sampleOf(later, 'lifecycle_events_total{action="revoked"}'),
      ]
      return counted.join() === '1,1,1,1' ? true : undefined
    })
  })

  test('are found faultless by promtool', { skip: without('prometheus') }, async () => {
    const text = await (await startWatching())()
    const checked = spawnSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' })
    assert.equal(`${checked.stdout}${checked.stderr}`, '')
    assert.equal(checked.status, 0)
  })
})
