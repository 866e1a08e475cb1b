import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readTold } from '../../cli/roles/told-source.ts'
import { createCollector, sealRound } from '../../collector/collect.ts'
import { ROW } from '../../domain/batch.ts'
import { memorySource } from '../memory-source.ts'
import { DECISION } from '../sample-decision.ts'

const INCIDENT = { fact: 'incident', caller: 'shop/cart', until: 0, time: 1_770_000_000_000 }
const DEEP = `${'['.repeat(100_000)}${']'.repeat(100_000)}`

/** What comes of lines in the topic: kinds of the rows, and what is said. */
async function told(lines: readonly string[]) {
  const collector = createCollector([], { partitions: 1, latenessMs: 1000 })
  const said: string[] = []
  await readTold(collector, memorySource('decisions', lines), (_, message) => said.push(message))
  const [batch] = sealRound(collector)?.batches ?? []
  return { kinds: batch === undefined ? [] : [...batch.columns.kind.subarray(0, batch.rows)], said }
}

test('decisions of people and ends of incidents are told to analyzers', async () => {
  const { kinds, said } = await told([JSON.stringify(DECISION), JSON.stringify(INCIDENT)])
  assert.deepEqual([kinds, said], [[ROW.decision, ROW.fact], []])
})

for (const [name, line] of [
  ['no JSON', 'expected'],
  ['a decision without an end', JSON.stringify({ ...DECISION, expiresAt: undefined })],
  ['a fact that only analyzers tell', JSON.stringify({ ...INCIDENT, fact: 'calibration' })],
  ['a decision with a time that no row may have', JSON.stringify({ ...DECISION, time: 1e300 })],
  ['a fact with a time that no row may have', JSON.stringify({ ...INCIDENT, time: 1e300 })],
  ['a decision that could not be written again', `{"more":${DEEP},${JSON.stringify(DECISION).slice(1)}`],
  ['a fact that could not be written again', `{"more":${DEEP},${JSON.stringify(INCIDENT).slice(1)}`],
] as const)
  test(`${name} is left out, and what follows is told`, async () => {
    const { kinds, said } = await told([line, JSON.stringify(DECISION)])
    assert.deepEqual(kinds, [ROW.decision])
    assert.deepEqual(said, ['a decision that cannot be read is left out'])
  })
