import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { patientSource } from '../../cli/patient-source.ts'
import type { Position } from '../../domain/coordinate.ts'
import type { RawRecord, Source } from '../../domain/ports.ts'
import { decisionSource } from '../../io/decision-source.ts'
import { fileByContent } from '../../io/file-by-content.ts'
import { followFile } from '../../io/file-follow.ts'
import { openFile } from '../../io/file-read.ts'
import { type JournalSourceOptions, journalSource } from '../../io/journal-source.ts'
import { openDatabase } from '../../io/sqlite.ts'
import { SqliteIncidents } from '../../io/sqlite-incidents.ts'
import { sqliteJournal } from '../../io/sqlite-journal.ts'
import { journalStdin } from '../../io/stdin.ts'
import { memorySource } from '../memory-source.ts'
import {
  badRecordsSuite,
  endingSourceSuite,
  RECORD_LIMIT,
  type SourcePlace,
  sourceSuite,
} from './source.suite.ts'

const folder = mkdtempSync(join(tmpdir(), 'meshwatch-source-'))
after(() => rmSync(folder, { recursive: true }))

interface Opening {
  append(texts: readonly string[]): Promise<void>
  open(settings: JournalSourceOptions): Source
  textOf?(record: RawRecord): string
}

/** A place whose readers are told by their position where to go on. */
function placeOf({ append, open, textOf = ({ text }) => text }: Opening): SourcePlace {
  let resume: Position | undefined
  let source: Source | undefined
  return {
    append,
    textOf,
    open: async () => {
      source = open({ maxRecordBytes: RECORD_LIMIT, ...(resume === undefined ? {} : { resume }) })
      return source
    },
    settle: (position) => {
      resume = position
    },
    close: async () => source?.close(),
  }
}

const linesOf = (texts: readonly string[]) => Buffer.from(texts.map((text) => `${text}\n`).join(''))

const ANY_TIME = { now: () => 0, pollMs: 0 }

/** A file that is not there before something is written. */
const file = (open: (path: string, settings: JournalSourceOptions) => Source) => async () => {
  const path = join(mkdtempSync(join(folder, 'file-')), 'access.log')
  return placeOf({
    append: async (texts) => appendFileSync(path, linesOf(texts)),
    open: (settings) => open(path, settings),
  })
}

async function intakePlace(): Promise<SourcePlace> {
  const journal = sqliteJournal(openDatabase(':memory:'))
  return placeOf({
    append: async (texts) => void (await journal.append('http:edge', linesOf(texts), undefined, 0)),
    open: (settings) => journalSource(journal, 'http:edge', settings),
  })
}

/** Whatever is appended comes through another standard input. */
async function stdinPlace(): Promise<SourcePlace> {
  const journal = sqliteJournal(openDatabase(':memory:'))
  const limits = { maxRecordBytes: RECORD_LIMIT, maxJournalBytes: Number.POSITIVE_INFINITY }
  const pause = () => Promise.reject(new Error('nothing to wait for'))
  return placeOf({
    append: (texts) => journalStdin(pieces(linesOf(texts)), { journal, now: () => 0, pause, ...limits }),
    open: (settings) => journalSource(journal, 'stdin', settings),
  })
}

/** As a pipe gives them: cut anywhere. */
async function* pieces(bytes: Uint8Array, length = 777) {
  for (let from = 0; from < bytes.length; from += length) yield bytes.subarray(from, from + length)
}

async function decisionPlace(): Promise<SourcePlace> {
  const store = new SqliteIncidents(openDatabase(':memory:'))
  const decision = { decision: 'expected', author: 'ada', reason: 'planned', time: 1, expiresAt: 2 } as const
  return placeOf({
    append: async (texts) => {
      for (const caller of texts) await store.decide({ ...decision, caller })
    },
    open: ({ resume }) => decisionSource(store, resume),
    textOf: ({ text }) => JSON.parse(text).caller,
  })
}

const follow = (path: string, settings: JournalSourceOptions) =>
  followFile(path, { ...settings, ...ANY_TIME })

const PLACES: Readonly<Record<string, () => Promise<SourcePlace>>> = {
  'a followed file': file(follow),
  'a file of unknown format': file((path, settings) =>
    fileByContent(path, { ...settings, ...ANY_TIME, framingOf: () => 'line' }),
  ),
  'a source that is waited for': file((path, settings) =>
    patientSource(follow(path, settings), {
      now: () => 0,
      report: (trouble) => {
        throw trouble
      },
    }),
  ),
  'the journal of senders': intakePlace,
  'standard input': stdinPlace,
}

for (const [name, open] of Object.entries(PLACES)) {
  sourceSuite(name, open)
  badRecordsSuite(name, open)
}
sourceSuite('decisions of people', decisionPlace)

for (const [name, encode] of [
  ['a file to its end', (bytes: Uint8Array) => bytes],
  ['a gzip file to its end', gzipSync],
  ['a zstd file to its end', zstdCompressSync],
] as const)
  endingSourceSuite(name, async (texts) => {
    const path = join(mkdtempSync(join(folder, 'end-')), 'input')
    writeFileSync(path, encode(linesOf(texts)))
    return openFile(path, { framingOf: () => 'line' })
  })
endingSourceSuite('lines at hand', async (texts) => memorySource('memory', texts))
