import { chmodSync, closeSync, openSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { hasCode, worldError } from './world-error.ts'

/** Version of the tables in the file; another one is refused, because reading it wrongly would be worse. */
const SCHEMA_VERSION = 1

/**
 * Opens the store file, readable by its owner only, so that a committed change survives the loss of power. Each store
 * makes its own tables in it.
 * @param path of the file, or `:memory:`
 * @throws WorldError `store-unusable` when the file is no database or cannot be written, `store-version` when another
 *   version of the program wrote it
 */
export function openDatabase(path: string): DatabaseSync {
  try {
    if (path !== ':memory:') keepPrivate(path)
    const db = new DatabaseSync(path)
    db.exec('PRAGMA busy_timeout = 5000')
    db.exec('PRAGMA journal_mode = WAL')
    db.exec('PRAGMA synchronous = FULL')
    checkVersion(db, path)
    return db
  } catch (cause) {
    if (hasCode(cause, 'store-version')) throw cause
    throw worldError(
      'store-unusable',
      `cannot open the store ${path}: is it a file of meshwatch, and writable?`,
      cause,
    )
  }
}

/** SQLite gives the files beside it the mode of the file itself. */
function keepPrivate(path: string): void {
  closeSync(openSync(path, 'a', 0o600))
  chmodSync(path, 0o600)
}

function checkVersion(db: DatabaseSync, path: string): void {
  db.exec('CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID')
  db.prepare("INSERT OR IGNORE INTO meta VALUES ('schema_version', ?)").run(String(SCHEMA_VERSION))
  const row = db.prepare("SELECT value FROM meta WHERE key = 'schema_version'").get()
  if (row?.value === String(SCHEMA_VERSION)) return
  db.close()
  throw worldError(
    'store-version',
    `the store ${path} has schema version ${row?.value} and this program reads ${SCHEMA_VERSION}: use the program that wrote it, or another file`,
  )
}

/** Runs `write` as one transaction: all of it is stored, or nothing when it throws. */
export function inTransaction<Result>(db: DatabaseSync, write: () => Result): Result {
  db.exec('BEGIN IMMEDIATE')
  try {
    const result = write()
    db.exec('COMMIT')
    return result
  } catch (cause) {
    if (db.isTransaction) db.exec('ROLLBACK')
    throw cause
  }
}
