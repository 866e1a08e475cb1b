import assert from 'node:assert/strict'
import { appendFileSync, copyFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { framingOf } from '../../collector/auto.ts'
import type { Position } from '../../domain/coordinate.ts'
import { generationNumber } from '../../domain/generation.ts'
import type { RawRecord, Source } from '../../domain/ports.ts'
import { type FileByContentOptions, fileByContent } from '../../io/file-by-content.ts'

const LISTS = new URL('../fixtures/lists/', import.meta.url).pathname
const root = mkdtempSync(join(tmpdir(), 'meshwatch-content-'))
after(() => rmSync(root, { recursive: true }))

const LINE = (text: string) => `{"line":"${text}","pad":"${'x'.repeat(300)}"}\n`
const kindOf = ({ text }: RawRecord): string => (text === '' ? 'list' : String(JSON.parse(text).line))

/** A file with a reader, whose clock only these tests move. */
function scene(options: Partial<FileByContentOptions> = {}) {
  const path = join(mkdtempSync(join(root, 'scene-')), 'file')
  let now = 0
  let position: Position | undefined
  const start = (): Source =>
    fileByContent(path, { ...options, framingOf, now: () => now, ...(position && { resume: position }) })
  let source = start()
  return {
    path,
    at: () => position!,
    /** What six looks give: the lines, and `list` for a list. */
    looks: async (): Promise<string[]> => {
      const records: RawRecord[] = []
      for (let look = 0; look < 6; look++) {
        now += 1000
        for (let chunk = await source.read(); chunk !== undefined; chunk = await source.read()) {
          records.push(...chunk.records)
          position = chunk.end
        }
      }
      return records.map(kindOf)
    },
    publish: (name: string) => {
      copyFileSync(join(LISTS, name), `${path}.new`)
      renameSync(`${path}.new`, path)
    },
    restart: async () => {
      await source.close()
      source = start()
    },
  }
}

for (const name of ['pay-revoked.der', 'another-revoked.pem'])
  test(`${name} is read as a whole, and again when it is another`, async () => {
    const file = scene()
    file.publish(name)
    assert.deepEqual(await file.looks(), ['list'])
    assert.deepEqual(await file.looks(), [])
    file.publish('nothing-revoked.pem')
    assert.deepEqual(await file.looks(), ['list'])
    await file.restart()
    assert.deepEqual(await file.looks(), [])
    assert.equal(generationNumber(file.at().generation), 2)
  })

test('a log is followed line by line, and after a restart read on', async () => {
  const file = scene()
  writeFileSync(file.path, LINE('a') + LINE('b'))
  assert.deepEqual(await file.looks(), ['a', 'b'])
  appendFileSync(file.path, LINE('c'))
  await file.restart()
  assert.deepEqual(await file.looks(), ['c'])
})

test('a file that comes later is told by what it is then', async () => {
  const [list, log] = [scene(), scene({ start: 'end' })]
  writeFileSync(log.path, '')
  assert.deepEqual(await list.looks(), [])
  assert.deepEqual(await log.looks(), [])
  list.publish('pay-revoked.der')
  appendFileSync(log.path, LINE('a'))
  assert.deepEqual(await list.looks(), ['list'])
  assert.deepEqual(await log.looks(), ['a'])
})

test('of a log that was there at the start only what comes is read, when it says so', async () => {
  const file = scene({ start: 'end' })
  writeFileSync(file.path, LINE('old'))
  assert.deepEqual(await file.looks(), [])
  appendFileSync(file.path, LINE('new'))
  assert.deepEqual(await file.looks(), ['new'])
})

test('a file of the other kind in its place is read as that, under a higher generation', async () => {
  const file = scene()
  writeFileSync(file.path, LINE('a'))
  assert.deepEqual(await file.looks(), ['a'])
  file.publish('pay-revoked.der')
  assert.deepEqual(await file.looks(), ['list'])
  writeFileSync(`${file.path}.new`, LINE('b'))
  renameSync(`${file.path}.new`, file.path)
  assert.deepEqual(await file.looks(), ['b'])
  assert.equal(generationNumber(file.at().generation), 3)
})

test('a log that was rotated away while nobody read is finished under its new name', async () => {
  const file = scene()
  writeFileSync(file.path, LINE('a'))
  assert.deepEqual(await file.looks(), ['a'])
  appendFileSync(file.path, LINE('b'))
  renameSync(file.path, `${file.path}.1`)
  await file.restart()
  assert.deepEqual(await file.looks(), ['b'])
})
