import type { DatabaseSync } from 'node:sqlite'
import type { IntakeJournal, IntakeRecord } from '../domain/ports.ts'
import { inTransaction } from './sqlite.ts'

/** Numbers rise over all sources and are never used again, even when all rows are gone. */
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS intake (
    number INTEGER PRIMARY KEY AUTOINCREMENT, source TEXT NOT NULL, length INTEGER NOT NULL, bytes BLOB NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS intake_by_source ON intake (source, number);
  CREATE TABLE IF NOT EXISTS intake_keys (
    source TEXT NOT NULL, key TEXT NOT NULL, time INTEGER NOT NULL, PRIMARY KEY (source, key)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS intake_keys_by_time ON intake_keys (time);`

/** How long an idempotency key is known. */
const KEY_LIFE_MS = 24 * 3_600_000

/** Most bytes that one `read` returns, unless its first record alone has more. */
const READ_BYTES = 1_048_576

/** The intake journal in SQLite. What `append` has answered survives a kill. */
export function sqliteJournal(database: DatabaseSync): IntakeJournal {
  database.exec(SCHEMA)
  const forgetKeys = database.prepare('DELETE FROM intake_keys WHERE time <= ?')
  const knowKey = database.prepare('INSERT OR IGNORE INTO intake_keys VALUES (?, ?, ?)')
  const insert = database.prepare('INSERT INTO intake (source, length, bytes) VALUES (?, ?, ?)')
  const select = database.prepare(
    'SELECT number, length, bytes FROM intake WHERE source = ? AND number >= ? ORDER BY number LIMIT ?',
  )
  const sum = 'SELECT coalesce(sum(length(bytes)), 0) AS bytes FROM intake'
  const sumBelow = database.prepare(`${sum} WHERE source = ? AND number < ?`)
  const remove = database.prepare('DELETE FROM intake WHERE source = ? AND number < ?')
  const names = database.prepare('SELECT DISTINCT source FROM intake ORDER BY source')
  let waiting = (database.prepare(sum).get() as unknown as Sum).bytes

  const append: Append = (source, records, key, now) => {
    forgetKeys.run(now - KEY_LIFE_MS)
    if (key !== undefined && knowKey.run(source, key, now).changes === 0) return undefined
    let bytes = 0
    for (const record of records) {
      insert.run(source, record.length, record.bytes)
      bytes += record.bytes.length
    }
    return bytes
  }

  const read = (source: string, fromOffset: number, limit: number) => {
    const records: (IntakeRecord & { readonly offset: number })[] = []
    let bytes = 0
    for (const row of select.iterate(source, fromOffset, limit) as unknown as Iterable<Row>) {
      bytes += row.bytes.length
      if (bytes > READ_BYTES && records.length > 0) break
      records.push({ offset: row.number, length: row.length, bytes: row.bytes })
    }
    return records
  }

  const trim = (source: string, belowOffset: number) => {
    const { bytes } = sumBelow.get(source, belowOffset) as unknown as Sum
    remove.run(source, belowOffset)
    return bytes
  }

  return {
    append: async (...request) => {
      const bytes = inTransaction(database, () => append(...request))
      waiting += bytes ?? 0
      return bytes !== undefined
    },
    read: async (...range) => read(...range),
    trim: async (...range) => {
      waiting -= inTransaction(database, () => trim(...range))
    },
    size: async () => waiting,
    sources: async () => (names.all() as unknown as Row[]).map(({ source }) => source),
  }
}

/** @returns bytes appended; undefined when the key was known */
type Append = (...request: Parameters<IntakeJournal['append']>) => number | undefined

interface Sum {
  readonly bytes: number
}

interface Row {
  readonly number: number
  readonly source: string
  readonly length: number
  readonly bytes: Uint8Array
}
