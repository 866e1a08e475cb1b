import { existsSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { positionsOf, restore } from '../../analyzer/engine/checkpoint.ts'
import { openEngines } from '../../cli/engines.ts'
import type { Config } from '../../domain/config/schema.ts'
import type { Position } from '../../domain/coordinate.ts'

/** What a running watcher has stored, seen from outside. */
export interface StoreView {
  /** For each partition with a checkpoint: how far each source has been taken in. */
  positions(): readonly ReadonlyMap<string, Position>[]
  /** Notifications that are to be sent. */
  owed(): number
  close(): void
}

/** A view of a store that may not be there yet. */
export function openStoreView(config: Config): StoreView {
  const path = `${config.dataDir}/meshwatch.db`
  let database: DatabaseSync | undefined
  const opened = () => {
    if (database === undefined && existsSync(path))
      database = new DatabaseSync(path, { readOnly: true, timeout: 5000 })
    const isReady = database?.prepare("SELECT 1 FROM sqlite_master WHERE name = 'deliveries'").get()
    return isReady === undefined ? undefined : database
  }
  return {
    positions: () => {
      const store = opened()
      return store === undefined ? [] : inSnapshot(store, () => storedPositions(store, config))
    },
    owed: () => {
      const row = opened()?.prepare("SELECT count(*) AS owed FROM deliveries WHERE state = 'owed'").get()
      return Number(row?.owed ?? 0)
    },
    close: () => database?.close(),
  }
}

function inSnapshot<Result>(database: DatabaseSync, read: () => Result): Result {
  database.exec('BEGIN')
  try {
    return read()
  } finally {
    database.exec('COMMIT')
  }
}

function storedPositions(database: DatabaseSync, config: Config): ReadonlyMap<string, Position>[] {
  const heads = database.prepare('SELECT * FROM checkpoint_heads WHERE sequence > 0 ORDER BY partition')
  const pages = database.prepare('SELECT key, bytes FROM checkpoint_pages WHERE partition = ?')
  return heads.all().map(({ partition, sequence, head }) => {
    const engine = openEngines(config)[Number(partition)]
    const rows = pages.all(partition) as { key: string; bytes: Uint8Array }[]
    const stored = new Map(rows.map(({ key, bytes }) => [key, bytes]))
    restore(engine, { sequence: Number(sequence), head: String(head), pages: stored })
    return new Map(positionsOf(engine).map((position) => [position.source, position]))
  })
}
