import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findingRecord, frontierRecord, readFindingRecord } from '../../cli/roles/finding-log.ts'
import { finding } from '../alerter/sample.ts'

const bytesOf = (record: object) => Buffer.from(JSON.stringify(record))
const SAID = { frontier: 1_770_000_000_000, canary: 1_770_000_000_500 }

test('what analyzers write is read again', () => {
  const found = finding('f1')
  assert.deepEqual(readFindingRecord(findingRecord(found).value), { finding: found })
  assert.deepEqual(readFindingRecord(frontierRecord(3, SAID).value, 4), { ...SAID, partition: 3 })
})

const FORGED: readonly (readonly [string, object])[] = [
  ['a partition that there is not', { ...SAID, partition: 4 }],
  ['a partition below zero', { ...SAID, partition: -1 }],
  ['half a partition', { ...SAID, partition: 0.5 }],
  ['a time that no date can show', { ...SAID, frontier: 1e300, partition: 0 }],
  ['a time before all', { ...SAID, frontier: -1, partition: 0 }],
  ['a canary that is no time', { ...SAID, canary: 'soon', partition: 0 }],
  ['a canary that no date can show', { ...SAID, canary: 1e300, partition: 0 }],
  ['a finding that is none', { finding: {} }],
  ['nothing', {}],
]
for (const [name, record] of FORGED)
  test(`${name} is not read`, () => assert.equal(readFindingRecord(bytesOf(record), 4), undefined))

test('a finding that could not be written again is not read', () => {
  const { value } = findingRecord(finding('f1'))
  const nested = `${'['.repeat(100_000)}${']'.repeat(100_000)}`
  const forged = String(value).replace('"id":', `"more":${nested},"id":`)
  assert.equal(readFindingRecord(Buffer.from(forged)), undefined)
})

test('bytes that are no JSON, and none at all, are not read', () => {
  assert.equal(readFindingRecord(Buffer.of(0xff, 0xfe)), undefined)
  assert.equal(readFindingRecord(null), undefined)
})
