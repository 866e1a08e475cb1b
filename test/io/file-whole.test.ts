import assert from 'node:assert/strict'
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { crl } from '../../collector/parsers/crl.ts'
import type { Position } from '../../domain/coordinate.ts'
import { generationNumber } from '../../domain/generation.ts'
import type { Source, SourceChunk } from '../../domain/ports.ts'
import { type FileWholeOptions, wholeFile } from '../../io/file-whole.ts'
import { testContext } from '../raw-record.ts'

const LISTS = new URL('../fixtures/lists/', import.meta.url).pathname
const root = mkdtempSync(join(tmpdir(), 'meshwatch-whole-'))
after(() => rmSync(root, { recursive: true }))

/** A file with a reader, whose clock only these tests move: one look a second. */
function scene(options: Partial<FileWholeOptions> = {}) {
  const folder = mkdtempSync(join(root, 'scene-'))
  const path = join(folder, 'ca.crl')
  let now = 0
  let position: Position | undefined
  const start = (): Source => wholeFile(path, { ...options, now: () => now, resume: position })
  let source = start()
  const look = async (): Promise<SourceChunk | undefined> => {
    now += 1000
    const chunk = await source.read()
    position = chunk?.end ?? position
    return chunk
  }
  return {
    path,
    at: () => position!,
    look,
    unchanged: () => source.unchanged ?? 0,
    /** Chunks of four looks. */
    looks: async () => [await look(), await look(), await look(), await look()].filter((chunk) => chunk),
    write: (text: string) => writeFileSync(path, text),
    /** As a CA publishes a list: beside the old one, then in its place. */
    publish: (name: string) => {
      copyFileSync(join(LISTS, name), `${path}.new`)
      renameSync(`${path}.new`, path)
    },
    restart: (from = position) => {
      position = from
      source = start()
    },
  }
}

test('a list that is there and has not changed is no silent source', async () => {
  const { publish, looks, unchanged, restart, path } = scene()
  publish('pay-revoked.der')
  await looks()
  const read = unchanged()
  assert.ok(read > 0)
  assert.equal((await looks()).length, 0)
  assert.equal(unchanged(), read + 4)
  publish('pay-revoked.der')
  assert.equal((await looks()).length, 0)
  assert.ok(unchanged() > read + 4, 'the same content again')
  restart()
  await looks()
  assert.ok(unchanged() > 0, 'known from before')
  const known = unchanged()
  rmSync(path)
  await looks()
  assert.equal(unchanged(), known, 'gone')
})

const textOf = (chunk: SourceChunk | undefined): string[] =>
  (chunk?.records ?? []).map(({ chunk: bytes, from, to }) => Buffer.from(bytes.subarray(from, to)).toString())

test('a list that is replaced twice is read three times, each under a higher generation', async () => {
  const list = scene()
  assert.deepEqual(await list.looks(), [])
  const revoked: string[][] = []
  const numbers: number[] = []
  for (const name of ['nothing-revoked.pem', 'another-revoked.pem', 'pay-revoked.der']) {
    list.publish(name)
    const chunks = await list.looks()
    assert.equal(chunks.length, 1)
    const [record] = chunks[0]!.records
    const steps = crl.parse(record, testContext())
    assert.ok(typeof steps !== 'string')
    revoked.push([...steps].map((step) => ('credential' in step ? (step.credential?.id ?? '') : '')))
    numbers.push(generationNumber(list.at().generation))
    assert.deepEqual(list.at().offset, readFileSync(join(LISTS, name)).length)
  }
  assert.deepEqual(revoked, [[], ['f1f'], ['f1f', 'c6e5fca123a985e98389de5a63ea4595']])
  assert.deepEqual(numbers, [1, 2, 3])
})

test('the same content is not read again: touched, copied over itself, or after a restart', async () => {
  const list = scene()
  list.publish('pay-revoked.der')
  assert.equal((await list.looks()).length, 1)
  utimesSync(list.path, 1, 1)
  assert.deepEqual(await list.looks(), [])
  list.publish('pay-revoked.der')
  assert.deepEqual(await list.looks(), [])
  list.restart()
  assert.deepEqual(await list.looks(), [])
})

test('content that comes back is new', async () => {
  const list = scene()
  for (const text of ['one', 'two', 'one']) {
    list.write(text)
    assert.deepEqual((await list.looks()).flatMap(textOf), [text])
  }
  assert.equal(generationNumber(list.at().generation), 3)
})

test('content that was replaced while nobody looked gets the next generation after the restart', async () => {
  const list = scene()
  list.write('one')
  await list.looks()
  list.write('two')
  list.restart()
  assert.deepEqual((await list.looks()).flatMap(textOf), ['two'])
  assert.equal(generationNumber(list.at().generation), 2)
})

test('content that was taken in only in part is read again under its old generation', async () => {
  const list = scene()
  list.write('one')
  await list.looks()
  const { generation } = list.at()
  list.restart({ ...list.at(), offset: 0 })
  assert.deepEqual((await list.looks()).flatMap(textOf), ['one'])
  assert.equal(list.at().generation, generation)
})

test('a file that is being written is read when it has stayed the same for one look', async () => {
  const list = scene()
  for (const text of ['', 'be', 'begin', 'beginning']) {
    list.write(text)
    assert.equal(await list.look(), undefined)
  }
  assert.deepEqual(textOf(await list.look()), ['beginning'])
})

test('an empty file counts as missing', async () => {
  const list = scene()
  list.write('')
  assert.deepEqual(await list.looks(), [])
  list.write('one')
  assert.deepEqual((await list.looks()).flatMap(textOf), ['one'])
  rmSync(list.path)
  assert.deepEqual(await list.looks(), [])
  list.write('one')
  assert.deepEqual(await list.looks(), [])
})

test('of a file over the limit its beginning and its length are handed over', async () => {
  const list = scene({ maxBytes: 10 })
  list.write('0123456789ab')
  const [chunk] = await list.looks()
  assert.deepEqual(textOf(chunk), ['0123456789'])
  assert.equal(chunk?.records[0].length, 12)
  list.write('0123456789')
  assert.equal((await list.looks())[0]?.records[0].length, 10)
})

test('what is there at the start is left out when the source begins at the end', async () => {
  const list = scene({ start: 'end', name: 'revocations' })
  list.write('one')
  assert.deepEqual((await list.looks()).flatMap(textOf), [])
  assert.equal(list.at().source, 'revocations')
  list.restart()
  assert.deepEqual(await list.looks(), [])
  list.write('two')
  assert.deepEqual((await list.looks()).flatMap(textOf), ['two'])
})

test('a folder and a file without permission are errors, and are read once they can be', async () => {
  const list = scene()
  mkdirSync(list.path)
  await list.look()
  await assert.rejects(list.look(), { code: 'file-is-folder' })
  rmSync(list.path, { recursive: true })
  list.write('one')
  if (process.getuid?.() !== 0) {
    chmodSync(list.path, 0)
    await list.look()
    await assert.rejects(list.look(), { code: 'file-forbidden' })
    chmodSync(list.path, 0o600)
  }
  assert.deepEqual((await list.looks()).flatMap(textOf), ['one'])
})
