import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setImmediate as outside } from 'node:timers/promises'
import { openTurns } from '../../cli/roles/turns.ts'

describe('turns', () => {
  it('come in the order in which they were asked for, and give what the piece gives', async () => {
    const turns = openTurns()
    const done: number[] = []
    const asked = [1, 2, 3].map((number) => turns(() => done.push(number)))
    assert.deepEqual(done, [], 'a piece waits for those before it')
    assert.deepEqual(await Promise.all(asked), [1, 2, 3])
    assert.deepEqual(done, [1, 2, 3])
  })

  it('go on after a piece that throws', async () => {
    const turns = openTurns()
    const failed = turns(() => {
      throw new Error('a piece')
    })
    const next = turns(() => 'next')
    await assert.rejects(failed, /a piece/)
    assert.equal(await next, 'next')
  })

  it('let other work in between long pieces', async () => {
    const turns = openTurns()
    const order: string[] = []
    const longPiece = () => {
      const end = performance.now() + 30
      while (performance.now() < end);
      order.push('piece')
    }
    const pieces = [longPiece, longPiece, longPiece].map(turns)
    const other = outside().then(() => order.push('other'))
    await Promise.all([...pieces, other])
    assert.ok(order.indexOf('other') < 2, order.join(', '))
  })
})
