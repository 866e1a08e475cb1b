import type { DatabaseSync } from 'node:sqlite'
import type { IntakeJournal } from '../domain/ports.ts'
import { inTransaction } from './sqlite.ts'

/** `intake_ends` outlives the bytes, so that no offset comes again. */
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS intake (
    source TEXT NOT NULL, offset INTEGER NOT NULL, bytes BLOB NOT NULL, UNIQUE (source, offset)
  ) STRICT;
  CREATE TABLE IF NOT EXISTS intake_ends (source TEXT PRIMARY KEY, offset INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS intake_keys (
    source TEXT NOT NULL, key TEXT NOT NULL, time INTEGER NOT NULL, PRIMARY KEY (source, key)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS intake_keys_by_time ON intake_keys (time);`

/** How long an idempotency key is known. */
const KEY_LIFE_MS = 24 * 3_600_000

/** Length of a block in the table, and about that of a read. */
const BLOCK_BYTES = 65_536

/** The intake journal in SQLite, one for each file. What `append` has answered survives a kill. */
export function sqliteJournal(database: DatabaseSync): IntakeJournal {
  database.exec(SCHEMA)
  const forgetKeys = database.prepare('DELETE FROM intake_keys WHERE time <= ?')
  const knowKey = database.prepare('INSERT OR IGNORE INTO intake_keys VALUES (?, ?, ?)')
  const grow = database.prepare(
    `INSERT INTO intake_ends VALUES (?, ?)
     ON CONFLICT (source) DO UPDATE SET offset = offset + excluded.offset RETURNING offset`,
  )
  const insert = database.prepare('INSERT INTO intake VALUES (?, ?, ?)')
  const blocksFrom = database.prepare(
    `SELECT offset, bytes FROM intake WHERE source = ?1 AND offset >= coalesce(
       (SELECT max(offset) FROM intake WHERE source = ?1 AND offset <= ?2), 0) ORDER BY offset`,
  )
  const sum = 'SELECT coalesce(sum(length(bytes)), 0) AS bytes FROM intake'
  const BELOW = 'WHERE source = ? AND offset + length(bytes) <= ?'
  const sumBelow = database.prepare(`${sum} ${BELOW}`)
  const remove = database.prepare(`DELETE FROM intake ${BELOW}`)
  const names = database.prepare('SELECT source FROM intake_ends ORDER BY source')
  let kept = (database.prepare(sum).get() as unknown as Sum).bytes

  const append: Append = (source, bytes, key, now) => {
    forgetKeys.run(now - KEY_LIFE_MS)
    if (key !== undefined && knowKey.run(source, key, now).changes === 0) return false
    const end = (grow.get(source, bytes.length) as unknown as Row).offset
    const start = end - bytes.length
    for (let at = 0; at < bytes.length; at += BLOCK_BYTES)
      insert.run(source, start + at, bytes.subarray(at, at + BLOCK_BYTES))
    return true
  }

  const read = (source: string, fromOffset: number) => {
    const parts: Uint8Array[] = []
    let offset = fromOffset
    let length = 0
    for (const row of blocksFrom.iterate(source, fromOffset) as unknown as Iterable<Row>) {
      const skipped = Math.max(0, fromOffset - row.offset)
      if (skipped >= row.bytes.length) continue
      if (parts.length === 0) offset = row.offset + skipped
      parts.push(row.bytes.subarray(skipped))
      length += row.bytes.length - skipped
      if (length >= BLOCK_BYTES) break
    }
    return length === 0 ? undefined : { offset, bytes: Buffer.concat(parts) }
  }

  const trim = (source: string, belowOffset: number) => {
    const { bytes } = sumBelow.get(source, belowOffset) as unknown as Sum
    remove.run(source, belowOffset)
    return bytes
  }

  return {
    append: async (...request) => {
      const isNew = inTransaction(database, () => append(...request))
      if (isNew) kept += request[1].length
      return isNew
    },
    read: async (...range) => read(...range),
    trim: async (...range) => {
      kept -= inTransaction(database, () => trim(...range))
    },
    size: async () => kept,
    sources: async () => (names.all() as unknown as Row[]).map(({ source }) => source),
  }
}

type Append = (...request: Parameters<IntakeJournal['append']>) => boolean

interface Sum {
  readonly bytes: number
}

interface Row {
  readonly source: string
  readonly offset: number
  readonly bytes: Uint8Array
}
