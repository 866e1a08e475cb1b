import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { memorySource } from '../memory-source.ts'
import { detectorFixtures } from './detector-fixture.ts'
import { configOf, play } from './play.ts'
import { diceOf } from './scenario.ts'

/** Nothing is judged before the end, so that the order of arrival says nothing. */
const PATIENT = 'analyzer: { detectors: { revoked-credential: { settleMs: 900000000 } } }'

async function ids(lines: readonly string[], yaml = ''): Promise<string[]> {
  const { findings } = await play([memorySource('log', lines)], configOf(yaml))
  return findings
    .filter(({ detector }) => detector === 'revoked-credential')
    .map(({ id }) => id)
    .sort()
}

const timeOf = (line: string): number => Date.parse(JSON.parse(line).time)

function inAnyOrder(lines: readonly string[], seed: number): string[] {
  const dice = diceOf(seed)
  return lines
    .map((line) => ({ line, place: dice() }))
    .sort((a, b) => a.place - b.place)
    .map(({ line }) => line)
}

/** Calls of others, which take the first rows of every table. */
const OTHERS = Array.from({ length: 40 }, (_, i) =>
  JSON.stringify({
    kind: 'call',
    time: '2026-01-05T09:59:00Z',
    caller: `other/${i}`,
    callee: `other/${i % 7}`,
    credential: { kind: 'jwt', id: `token ${i}` },
  }),
)

for (const { name, lines } of detectorFixtures('revoked-credential')) {
  describe(name.replaceAll('-', ' '), () => {
    const inTime = [...lines].sort((a, b) => timeOf(a) - timeOf(b))

    it('gives the same findings whether the revocation is reported at its time or later', async () => {
      const late = [
        ...inTime.filter((line) => !line.includes('"revoked"')),
        ...inTime.filter((line) => line.includes('"revoked"')),
      ]
      assert.deepEqual(await ids(lines), await ids(inTime))
      assert.deepEqual(await ids(late, PATIENT), await ids(inTime, PATIENT))
    })

    it('gives the same findings in any order', async () => {
      const expected = await ids(inTime, PATIENT)
      for (let seed = 1; seed <= 12; seed++)
        assert.deepEqual(await ids(inAnyOrder(lines, seed), PATIENT), expected, `seed ${seed}`)
    })

    it('gives the same findings beside others and in four partitions', async () => {
      const expected = await ids(lines)
      assert.deepEqual(await ids([...OTHERS, ...lines]), expected)
      assert.deepEqual(await ids([...OTHERS, ...lines], 'stream: { partitions: 4 }'), expected)
    })
  })
}
