import assert from 'node:assert/strict'
import { Writable } from 'node:stream'
import { test } from 'node:test'
import { linesOut } from '../cli/lines-out.ts'

/** A pipe that holds one byte, and what its reader does with each piece: it answers when it wants to. */
function pipe(read: (piece: string, answer: (error?: Error) => void) => void): Writable {
  return new Writable({
    highWaterMark: 1,
    write: (piece, _, answer) => read(String(piece), answer),
  })
}

const gone = () => Object.assign(new Error('write EPIPE'), { code: 'EPIPE' })

test('a reader that goes away while it is waited for ends the output and nothing else', async () => {
  const stream = pipe((_, answer) => setImmediate(answer, gone()))
  const out = linesOut(stream)
  out.write({ line: 1 })
  await out.flush()
  assert.equal(out.isClosed, true)
  out.write({ line: 2 })
  await out.flush()
})

test('a slow reader is waited for, and leaves no listeners behind', async () => {
  const read: string[] = []
  const stream = pipe((piece, answer) => {
    read.push(piece)
    setImmediate(answer)
  })
  const out = linesOut(stream)
  const before = stream.eventNames().map((name) => [name, stream.listenerCount(name)])
  for (const line of [1, 2, 3]) {
    out.write({ line })
    await out.flush()
    assert.equal(stream.writableNeedDrain, false)
  }
  assert.deepEqual(read, ['{"line":1}\n', '{"line":2}\n', '{"line":3}\n'])
  assert.deepEqual(
    stream.eventNames().map((name) => [name, stream.listenerCount(name)]),
    before,
  )
})

test('what cannot be written is an error of who waits for it, and of nobody else', async () => {
  const full = Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })
  const out = linesOut(pipe((_, answer) => setImmediate(answer, full)))
  out.write({ line: 1 })
  await assert.rejects(out.flush(), full)
  const large = linesOut(pipe((_, answer) => setImmediate(answer, full)))
  large.write('x'.repeat(100_000))
  await assert.rejects(large.flush(), full)
})
