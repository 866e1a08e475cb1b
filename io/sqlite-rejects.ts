import type { DatabaseSync } from 'node:sqlite'
import type { RejectStore } from '../domain/ports.ts'
import type { Reject } from '../domain/reject.ts'
import { inTransaction } from './sqlite.ts'

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS rejects (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    source TEXT NOT NULL, generation TEXT NOT NULL, offset INTEGER NOT NULL, line INTEGER NOT NULL,
    reason TEXT NOT NULL, length INTEGER NOT NULL, bytes BLOB NOT NULL,
    UNIQUE (source, generation, offset, line)
  ) STRICT;
  CREATE TABLE IF NOT EXISTS rejects_total (
    only INTEGER PRIMARY KEY CHECK (only = 1), bytes INTEGER NOT NULL, dropped INTEGER NOT NULL
  ) STRICT;
  INSERT OR IGNORE INTO rejects_total VALUES (1, 0, 0);`

/** What a row costs beside its bytes, about: columns and two index entries. */
const ROW_BYTES = 200

export interface SqliteRejects extends RejectStore {
  /** Rejects that had to go because there were too many, since the file was made. */
  dropped(): number
}

/** Refused records in SQLite, the oldest of which go when they take more than `maxBytes` (default 256 MiB). */
export function sqliteRejects(database: DatabaseSync, maxBytes = 256 * 1_048_576): SqliteRejects {
  database.exec(SCHEMA)
  const insert = database.prepare(
    `INSERT OR IGNORE INTO rejects (source, generation, offset, line, reason, length, bytes)
     VALUES (?, ?, ?, ?, ?, ?, ?)`,
  )
  const oldest = database.prepare('SELECT number, length(bytes) AS bytes FROM rejects ORDER BY number')
  const remove = database.prepare('DELETE FROM rejects WHERE number <= ?')
  const total = database.prepare('SELECT bytes, dropped FROM rejects_total')
  const setTotal = database.prepare('UPDATE rejects_total SET bytes = ?, dropped = ?')
  const readTotal = () => total.get() as unknown as Total

  const put = (reject: Reject): number => {
    const { source, generation, offset, line, reason, length, bytes } = reject
    const { changes } = insert.run(source, generation, offset, line, reason, length, bytes)
    return changes === 0 ? 0 : bytes.length + ROW_BYTES
  }

  const keep = (rejects: readonly Reject[]) => {
    let { bytes, dropped } = readTotal()
    for (const reject of rejects) bytes += put(reject)
    let last = 0
    if (bytes > maxBytes) {
      for (const row of oldest.iterate() as unknown as Iterable<Row>) {
        bytes -= row.bytes + ROW_BYTES
        dropped++
        last = row.number
        if (bytes <= maxBytes) break
      }
    }
    if (last > 0) remove.run(last)
    setTotal.run(bytes, dropped)
  }

  return {
    keep: async (rejects) => inTransaction(database, () => keep(rejects)),
    dropped: () => readTotal().dropped,
  }
}

interface Total {
  readonly bytes: number
  readonly dropped: number
}

interface Row {
  readonly number: number
  readonly bytes: number
}
