import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { patientSource } from '../cli/patient-source.ts'
import { createReadiness } from '../cli/readiness.ts'
import type { SourceChunk } from '../domain/ports.ts'

describe('readiness', () => {
  const reasonsOf = (readiness: ReturnType<typeof createReadiness>) =>
    readiness.reasons().map(({ reason }) => reason)

  it('begins with starting', () => {
    const readiness = createReadiness(() => 0)
    assert.deepEqual(reasonsOf(readiness), ['starting'])
    readiness.clear('starting')
    assert.deepEqual(reasonsOf(readiness), [])
  })

  it('keeps a reason for each thing that it is about', () => {
    const readiness = createReadiness(() => 0)
    readiness.clear('starting')
    readiness.set('source-unreadable', 'no permission', 'a.log')
    readiness.set('source-unreadable', 'is a folder', 'b.log')
    readiness.clear('source-unreadable', 'a.log')
    assert.deepEqual(readiness.reasons(), [{ reason: 'source-unreadable', detail: 'is a folder' }])
  })

  it('is stalled when rounds began and none has come for a minute', () => {
    let now = 0
    const readiness = createReadiness(() => now)
    readiness.clear('starting')
    now = 100_000
    assert.deepEqual(reasonsOf(readiness), [])
    readiness.beat()
    now = 159_000
    assert.deepEqual(reasonsOf(readiness), [])
    now = 160_000
    assert.deepEqual(readiness.reasons(), [{ reason: 'stalled', detail: 'nothing was analysed for 60 s' }])
    readiness.beat()
    assert.deepEqual(reasonsOf(readiness), [])
  })
})

describe('a source that cannot be read', () => {
  it('gives nothing, says so once, and is tried again every second', async () => {
    let now = 0
    let reads = 0
    let isBroken = true
    const said: (string | undefined)[] = []
    const chunk = { records: [], end: { source: 'log', generation: '1', offset: 0, line: 0 } }
    const read = async (): Promise<SourceChunk | undefined> => {
      reads++
      if (isBroken) throw new Error('is a folder')
      return chunk
    }
    const source = patientSource(
      { name: 'log', ended: false, read, close: async () => {} },
      { now: () => now, report: (trouble) => said.push(trouble?.message) },
    )
    for (; now < 3000; now += 100) assert.equal(await source.read(), undefined)
    assert.deepEqual([reads, said], [3, ['is a folder']])
    isBroken = false
    assert.equal(await source.read(), chunk)
    assert.deepEqual(said, ['is a folder', undefined])
  })
})
