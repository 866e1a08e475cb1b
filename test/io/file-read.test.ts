import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import type { RawRecord, SourceChunk } from '../../domain/ports.ts'
import { type FileReadOptions, openFile } from '../../io/file-read.ts'

const folder = mkdtempSync(join(tmpdir(), 'meshwatch-read-'))
after(() => rmSync(folder, { recursive: true }))

const byLine: FileReadOptions = { framingOf: () => 'line' }

async function readAll(bytes: Uint8Array, options = byLine) {
  const path = join(folder, 'input')
  writeFileSync(path, bytes)
  const source = await openFile(path, options)
  const chunks: SourceChunk[] = []
  for (let chunk = await source.read(); chunk !== undefined; chunk = await source.read()) chunks.push(chunk)
  assert.ok(source.ended)
  await source.close()
  return {
    texts: chunks.flatMap(({ records }) => records.map((record) => record.text)),
    records: chunks.flatMap(({ records }): readonly RawRecord[] => records),
    failures: chunks.flatMap(({ failure }) => failure ?? []),
    end: chunks.at(-1)!.end,
  }
}

const numbered = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => `{"number":${from + i},"pad":"${'x'.repeat(50)}"}`)
const text = (lines: readonly string[]) => Buffer.from(`${lines.join('\n')}\n`)

test('a plain file gives its lines, the last one without a newline too', async () => {
  const { texts, end } = await readAll(Buffer.from('one\n\n  \ntwo\nthree'))
  assert.deepEqual(texts, ['one', 'two', 'three'])
  assert.deepEqual([end.offset, end.line], [17, 5])
})

for (const [name, compress] of [
  ['gzip', gzipSync],
  ['zstd', zstdCompressSync],
] as const) {
  test(`${name}: pieces written one behind the other are one stream`, async () => {
    const lines = numbered(0, 20_000)
    const pieces = [lines.slice(0, 9000), lines.slice(9000, 9001), lines.slice(9001)].map((part) =>
      compress(text(part)),
    )
    const { texts, failures, end } = await readAll(Buffer.concat(pieces))
    assert.deepEqual(texts, lines)
    assert.deepEqual(failures, [])
    assert.deepEqual([end.offset, end.line], [text(lines).length, 20_000])
  })

  test(`${name}: a cut off file gives its whole lines and then a failure`, async () => {
    const lines = Array.from({ length: 20_000 }, (_, i) => `${i} ${Math.sin(i)}`)
    const bytes = compress(text(lines))
    const { texts, failures } = await readAll(bytes.subarray(0, Math.floor(bytes.length / 2)))
    assert.ok(texts.length > 5000, `${texts.length} lines`)
    assert.deepEqual(texts, lines.slice(0, texts.length))
    assert.equal(failures.length, 1)
    const [{ reason, record }] = failures
    assert.equal(reason, 'undecodable')
    assert.equal(record.line, texts.length + 1)
    assert.equal(record.offset, text(texts).length)
    const kept = Buffer.from(record.chunk.subarray(record.from, record.to)).toString()
    assert.ok(lines[texts.length].startsWith(kept))
  })

  test(`${name}: corrupt bytes end in a failure, whatever they are`, async () => {
    const { failures } = await readAll(
      Buffer.concat([compress(text(numbered(0, 9))).subarray(0, 40), Buffer.alloc(300, 7)]),
    )
    assert.deepEqual(
      failures.map(({ reason }) => reason),
      ['undecodable'],
    )
  })

  test(`${name}: zeros behind the end are padding`, async () => {
    const { texts, failures } = await readAll(Buffer.concat([compress(text(['one'])), Buffer.alloc(500)]))
    assert.deepEqual([texts, failures], [['one'], []])
  })

  test(`${name}: a bomb is one long line of which the beginning is kept`, async () => {
    const size = 64 * 1_048_576
    const { records, end } = await readAll(compress(Buffer.alloc(size)))
    assert.deepEqual(
      records.map(({ length, from, to, chunk }) => ({ length, kept: to - from, chunk: chunk.length })),
      [{ length: size, kept: 65_536, chunk: 65_536 }],
    )
    assert.equal(end.offset, size)
  })
}

test('a file of a format that is read whole is one record, compressed or not', async () => {
  const heads: string[] = []
  const framingOf = (head: Uint8Array) => {
    heads.push(Buffer.from(head.subarray(0, 9)).toString())
    return 'whole' as const
  }
  const content = Buffer.from(`--CRL--\n\u0000${'x'.repeat(200_000)}`)
  for (const bytes of [content, gzipSync(content)]) {
    const { records } = await readAll(bytes, { framingOf })
    assert.equal(records.length, 1)
    const [{ chunk, from, to, text: decoded, offset, line, length }] = records
    assert.deepEqual(Buffer.from(chunk.subarray(from, to)), content)
    assert.deepEqual([decoded, offset, line, length], ['', 0, 0, content.length])
  }
  assert.deepEqual(heads, ['--CRL--\n\u0000', '--CRL--\n\u0000'])
})

test('a whole file over the limit keeps its beginning and its length', async () => {
  const { records } = await readAll(Buffer.alloc(300_000, 65), {
    framingOf: () => 'whole',
    maxWholeBytes: 250_000,
  })
  assert.deepEqual(
    records.map(({ to, length }) => [to, length]),
    [[65_536, 300_000]],
  )
})

test('an empty file has no record', async () => {
  assert.deepEqual((await readAll(Buffer.alloc(0))).texts, [])
  assert.deepEqual((await readAll(Buffer.alloc(0), { framingOf: () => 'whole' })).records, [])
})

const READ_STDIN = `
  const { openFile } = await import(process.argv[1])
  const source = await openFile('-', { framingOf: () => 'line' })
  let count = 0
  for (let chunk = await source.read(); chunk !== undefined; chunk = await source.read())
    count += chunk.records.length
  await source.close()
  console.log(source.name, count)`

test('standard input is read like a file, compressed too', async () => {
  const module = new URL('../../io/file-read.ts', import.meta.url).href
  const lines = text(numbered(0, 50_000))
  for (const input of [lines, gzipSync(lines), Buffer.alloc(0)]) {
    const child = spawn(process.execPath, ['--input-type=module', '-e', READ_STDIN, module])
    child.stdin.end(input)
    const output = Buffer.concat(await child.stdout.toArray()).toString()
    assert.equal(output, `- ${input.length === 0 ? 0 : 50_000}\n`)
  }
})

test('the generation depends on the content only', async () => {
  const [a, b, c] = [
    await readAll(text(['a'])),
    await readAll(gzipSync(text(['a']))),
    await readAll(text(['b'])),
  ]
  assert.equal(a.end.generation, b.end.generation)
  assert.notEqual(a.end.generation, c.end.generation)
})

test('a file that is not there or a folder is an error that names it', async () => {
  await assert.rejects(openFile(join(folder, 'absent'), byLine), { code: 'file-missing', message: /absent/ })
  await assert.rejects(openFile(folder, byLine), { code: 'file-is-folder' })
})
