import assert from 'node:assert/strict'
import {
  appendFileSync,
  copyFileSync,
  mkdtempSync,
  renameSync,
  rmSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import type { Position } from '../../domain/coordinate.ts'
import { generationNumber } from '../../domain/generation.ts'
import type { Source } from '../../domain/ports.ts'
import { type FollowChange, followFile } from '../../io/file-follow.ts'

const root = mkdtempSync(join(tmpdir(), 'meshwatch-follow-'))
after(() => rmSync(root, { recursive: true }))

/** A log file with a reader, whose clock only these tests move. */
function scene() {
  const path = join(mkdtempSync(join(root, 'scene-')), 'access.log')
  const changes: FollowChange[] = []
  let now = 0
  let source: Source | undefined
  let position: Position | undefined
  const start = () => {
    const report = (change: FollowChange) => changes.push(change)
    source = followFile(path, { now: () => now, resume: position, report })
  }
  start()
  return {
    path,
    changes,
    at: () => position!,
    /** All that can be read until nothing more comes for two seconds. */
    read: async () => {
      const texts: string[] = []
      for (const end = now + 2000; now < end; now += 100) {
        for (let chunk = await source!.read(); chunk !== undefined; chunk = await source!.read()) {
          texts.push(...chunk.records.map((record) => record.text))
          position = chunk.end
        }
      }
      return texts
    },
    restart: async () => {
      await source!.close()
      start()
    },
    stop: () => source!.close(),
  }
}

const lines = (word: string, count: number) =>
  Array.from({ length: count }, (_, index) => `${word} ${index} ${'.'.repeat(40)}`)
const write = (path: string, texts: readonly string[]) =>
  appendFileSync(path, texts.map((text) => `${text}\n`).join(''))

test('an unfinished line waits for its newline', async () => {
  const log = scene()
  appendFileSync(log.path, 'be')
  assert.deepEqual(await log.read(), [])
  appendFileSync(log.path, 'ginning\nand a h')
  assert.deepEqual(await log.read(), ['beginning'])
  await log.restart()
  appendFileSync(log.path, 'alf\n')
  assert.deepEqual(await log.read(), ['and a half'])
  await log.stop()
})

test('a file begun at its end gives only what comes later, also after a restart', async () => {
  const path = join(mkdtempSync(join(root, 'end-')), 'access.log')
  write(path, lines('old', 3000))
  const options = { now: () => 0, pollMs: 0, name: 'edge', start: 'end' } as const
  const source = followFile(path, options)
  const first = await source.read()
  assert.deepEqual(first?.records, [])
  assert.equal(await source.read(), undefined)
  await source.close()
  write(path, ['since'])
  const again = followFile(path, { ...options, resume: first!.end })
  const later = await again.read()
  assert.deepEqual(
    later?.records.map(({ text }) => text),
    ['since'],
  )
  assert.deepEqual([again.name, later?.end.source], ['edge', 'edge'])
  await again.close()
})

test('the generation stays while a short file grows', async () => {
  const log = scene()
  write(log.path, ['x'])
  await log.read()
  const first = log.at().generation
  write(log.path, lines('long', 100))
  await log.read()
  assert.equal(log.at().generation, first)
  await log.restart()
  write(log.path, ['last'])
  assert.deepEqual(await log.read(), ['last'])
  assert.equal(log.at().generation, first)
  await log.stop()
})

test('a renamed file is finished, with its last unfinished line, before the new one', async () => {
  const log = scene()
  write(log.path, lines('a', 10))
  await log.read()
  renameSync(log.path, `${log.path}.1`)
  write(`${log.path}.1`, lines('late', 5))
  appendFileSync(`${log.path}.1`, 'no newline')
  write(log.path, lines('b', 3))
  assert.deepEqual(await log.read(), [...lines('late', 5), 'no newline', ...lines('b', 3)])
  assert.equal(generationNumber(log.at().generation), 2)
  await log.stop()
})

test('a renamed file is read on while nothing has its name', async () => {
  const log = scene()
  write(log.path, ['one'])
  await log.read()
  renameSync(log.path, `${log.path}-20311005`)
  write(`${log.path}-20311005`, ['two'])
  assert.deepEqual(await log.read(), ['two'])
  writeFileSync(log.path, '')
  write(`${log.path}-20311005`, ['three'])
  assert.deepEqual(await log.read(), ['three'])
  write(log.path, ['four'])
  assert.deepEqual(await log.read(), ['four'])
  await log.stop()
})

test('several rotations between two looks lose nothing', async () => {
  const log = scene()
  write(log.path, ['one'])
  await log.read()
  renameSync(log.path, `${log.path}.2`)
  writeLater(`${log.path}.1`, ['two'])
  write(log.path, ['three'])
  assert.deepEqual([...(await log.read()), ...(await log.read())], ['two', 'three'])
  await log.stop()
})

test('copy-truncate: what was not yet read is taken from the copy', async () => {
  const log = scene()
  write(log.path, lines('a', 10))
  await log.read()
  write(log.path, lines('b', 10))
  copyFileSync(log.path, `${log.path}.1`)
  truncateSync(log.path)
  write(log.path, lines('c', 3))
  assert.deepEqual(await log.read(), [...lines('b', 10), ...lines('c', 3)])
  assert.deepEqual(log.changes, ['opened', 'truncated', 'rotated', 'opened'])
  await log.stop()
})

for (const [name, content] of [
  ['shorter', 'new\n'],
  ['of the same length', `${'n'.repeat(9)}\n`],
  ['longer', `${'n'.repeat(99)}\n`],
]) {
  test(`written anew in place, ${name}: it is read from its beginning`, async () => {
    const log = scene()
    appendFileSync(log.path, 'old lines\n')
    assert.deepEqual(await log.read(), ['old lines'])
    writeFileSync(log.path, content)
    assert.deepEqual(await log.read(), [content.trim()])
    assert.equal(generationNumber(log.at().generation), 2)
    await log.stop()
  })
}

test('deleted and created again', async () => {
  const log = scene()
  write(log.path, ['one'])
  await log.read()
  unlinkSync(log.path)
  assert.deepEqual(await log.read(), [])
  write(log.path, ['two'])
  assert.deepEqual(await log.read(), ['two'])
  await log.stop()
})

/** A rotated file written clearly later than the one before: file times are only as fine as a kernel tick. */
function writeLater(path: string, texts: readonly string[]) {
  write(path, texts)
  const seconds = Date.now() / 1000 + 1
  utimesSync(path, seconds, seconds)
}

/** What happens to the file while nobody reads; `lost`: the unread line is gone with it. */
const whileDown: Record<string, { happens: (path: string) => void; lost?: true }> = {
  nothing: { happens: () => {} },
  'rotation by renaming': { happens: (path) => renameSync(path, `${path}.1`) },
  'two rotations': {
    happens: (path) => {
      renameSync(path, `${path}.2`)
      writeLater(`${path}.1`, ['between'])
    },
  },
  'copy-truncate': {
    happens: (path) => {
      copyFileSync(path, `${path}.1`)
      truncateSync(path)
    },
  },
  truncation: { happens: (path) => truncateSync(path), lost: true },
  deletion: { happens: (path) => unlinkSync(path), lost: true },
}

for (const [name, { happens, lost }] of Object.entries(whileDown)) {
  test(`restart after ${name}: every line once`, async () => {
    const log = scene()
    write(log.path, lines('read', 20))
    assert.equal((await log.read()).length, 20)
    write(log.path, lines('unread', 1))
    await log.stop()
    happens(log.path)
    write(log.path, lines('new', 30))
    await log.restart()
    const texts = [...(await log.read()), ...(await log.read()), ...(await log.read())]
    const between = name === 'two rotations' ? ['between'] : []
    assert.deepEqual(texts, [...(lost ? [] : lines('unread', 1)), ...between, ...lines('new', 30)])
    assert.equal(log.changes.includes('lost'), lost === true)
    await log.restart()
    assert.deepEqual(await log.read(), [])
    await log.stop()
  })
}

test('a line without an end is skipped in pieces', async () => {
  const log = scene()
  for (let i = 0; i < 40; i++) appendFileSync(log.path, Buffer.alloc(65_536, 65))
  assert.deepEqual(await log.read(), [])
  appendFileSync(log.path, '\nnext\n')
  const texts = await log.read()
  assert.deepEqual(
    texts.map((text) => text.length),
    [65_536, 4],
  )
  await log.stop()
})

test('a folder in place of a file is an error that names it', async () => {
  const source = followFile(root, { now: () => 0 })
  await assert.rejects(source.read(), { code: 'file-is-folder', message: new RegExp(root) })
  await source.close()
})
