import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { mediansOf, mergePriors, priorOf } from '../../analyzer/engine/priors.ts'

const worker = (i: number) => `spiffe://td/ns/ops/sa/worker-${i}`
const LEVELS: readonly (readonly [string, number])[] = [
  [worker(1), 10],
  [worker(2), 20],
  [worker(17), 90],
  ['spiffe://td/ns/ops/sa/audit', 1000],
  ['spiffe://td/ns/web/sa/page', 5],
]

describe('priors', () => {
  const priors = mediansOf(LEVELS)

  it('are the median of the role, else of the namespace, else of all', () => {
    assert.equal(priorOf(priors, worker(4)), 20)
    assert.equal(priorOf(priors, 'spiffe://td/ns/ops/sa/mailer'), 55)
    assert.equal(priorOf(priors, 'spiffe://td/ns/web/sa/basket'), 20)
    assert.equal(priorOf(priors, 'somebody'), 20)
  })

  it('are nothing while too few are known', () => {
    assert.equal(priorOf(undefined, worker(1)), 0)
    assert.equal(priorOf(mediansOf(LEVELS.slice(0, 2)), worker(1)), 0)
  })

  it('of several partitions weigh by their rows, in any order', () => {
    const parts = [mediansOf(LEVELS), mediansOf(LEVELS.map(([name, level]) => [name, 3 * level]))]
    assert.equal(priorOf(mergePriors(parts), worker(4)), 40)
    assert.deepEqual(mergePriors(parts.toReversed()), mergePriors(parts))
    const more = mediansOf([...LEVELS, [worker(5), 20], [worker(6), 20], [worker(7), 20]])
    assert.equal(mergePriors([parts[1], more]).get('role spiffe://td/ns/ops/sa/worker-#')?.level, 100 / 3)
  })

  it('come of a bounded number of groups', () => {
    const many = Array.from({ length: 6000 }, (_, i) => [`team ${'x'.repeat(i % 2000)}/a`, i] as const)
    assert.ok(mediansOf(many).size <= 500)
  })
})
