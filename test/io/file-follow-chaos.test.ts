import assert from 'node:assert/strict'
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  renameSync,
  rmSync,
  truncateSync,
  utimesSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import fc from 'fast-check'
import type { Position } from '../../domain/coordinate.ts'
import { followFile } from '../../io/file-follow.ts'

const root = mkdtempSync(join(tmpdir(), 'meshwatch-chaos-'))
after(() => rmSync(root, { recursive: true }))

type Step = { readonly append: number } | 'rename' | 'copy-truncate' | 'read' | 'restart'

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ append: fc.integer({ min: 1, max: 2000 }) }),
  fc.constantFrom<Step>('rename', 'copy-truncate', 'read', 'read', 'restart'),
)

/** A writer that rotates, and a reader that restarts, with a clock of their own. */
function scene() {
  const path = join(mkdtempSync(join(root, 'scene-')), 'access.log')
  const written: string[] = []
  const read: string[] = []
  let time = 1_000_000
  let now = 0
  let position: Position | undefined
  let source = followFile(path, { now: () => now })

  /** Every file time is another one, as it is when rotations are seconds apart. */
  const stamp = (file: string) => utimesSync(file, ++time, time)
  const append = (count: number) => {
    const lines = Array.from({ length: count }, (_, index) => `line ${written.length + index} of the log`)
    written.push(...lines)
    appendFileSync(path, lines.map((line) => `${line}\n`).join(''))
    stamp(path)
  }
  const shift = () => {
    for (let number = 20; number >= 1; number--)
      if (existsSync(`${path}.${number}`)) renameSync(`${path}.${number}`, `${path}.${number + 1}`)
  }
  const steps = {
    rename: () => {
      shift()
      renameSync(path, `${path}.1`)
    },
    'copy-truncate': () => {
      shift()
      copyFileSync(path, `${path}.1`)
      stamp(`${path}.1`)
      truncateSync(path)
    },
    read: async () => {
      for (const end = now + 10_000; now < end; now += 250) {
        const chunk = await source.read()
        read.push(...(chunk?.records.map(({ text }) => text) ?? []))
        position = chunk?.end ?? position
      }
    },
    restart: async () => {
      await source.close()
      source = followFile(path, { now: () => now, resume: position })
    },
  }
  const take = async (each: Step) => {
    if (typeof each === 'object') append(each.append)
    else if (each === 'read' || each === 'restart' || existsSync(path)) await steps[each]()
  }
  return { take, written, read, stop: () => source.close() }
}

test('whatever happens to a log between two looks, every line is read once and in order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 14 }), async (steps) => {
      const log = scene()
      const beginning: Step[] = [{ append: 3 }, 'read']
      const end: Step[] = [{ append: 1 }, 'read', 'read']
      for (const each of [...beginning, ...steps, ...end]) await log.take(each)
      await log.stop()
      assert.deepEqual(log.read, log.written)
    }),
    { numRuns: 150 },
  )
})
