import type { DatabaseSync } from 'node:sqlite'
import type { JointCheckpointStore, PartitionChange } from '../domain/ports.ts'
import { inTransaction } from './sqlite.ts'

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS checkpoint_heads (
    partition INTEGER PRIMARY KEY, epoch INTEGER NOT NULL, sequence INTEGER NOT NULL, head TEXT NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS checkpoint_pages (
    partition INTEGER NOT NULL, key TEXT NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY (partition, key)
  ) STRICT, WITHOUT ROWID;`

/** Checkpoints in SQLite: a save is one transaction, so a kill leaves the last one whole. */
export function sqliteCheckpoints(database: DatabaseSync): JointCheckpointStore {
  database.exec(SCHEMA)
  const raise = database.prepare(
    `INSERT INTO checkpoint_heads VALUES (?, 1, 0, '')
     ON CONFLICT (partition) DO UPDATE SET epoch = epoch + 1 RETURNING epoch, sequence, head`,
  )
  const pagesOf = database.prepare('SELECT key, bytes FROM checkpoint_pages WHERE partition = ?')
  const stored = database.prepare('SELECT epoch, sequence FROM checkpoint_heads WHERE partition = ?')
  const putHead = database.prepare('UPDATE checkpoint_heads SET sequence = ?, head = ? WHERE partition = ?')
  const putPage = database.prepare(
    `INSERT INTO checkpoint_pages VALUES (?, ?, ?)
     ON CONFLICT (partition, key) DO UPDATE SET bytes = excluded.bytes`,
  )

  const claim = (partition: number) => {
    const { epoch, sequence, head } = raise.get(partition) as unknown as Head
    if (sequence === 0) return { epoch, checkpoint: undefined }
    const rows = pagesOf.all(partition) as unknown as Page[]
    const pages = new Map(rows.map(({ key, bytes }) => [key, bytes]))
    return { epoch, checkpoint: { sequence, head, pages } }
  }

  const follows = ({ partition, epoch, changed }: PartitionChange) => {
    const current = stored.get(partition) as unknown as Head | undefined
    const step = changed.sequence - (current?.sequence ?? 0)
    return current?.epoch === epoch && (step === 0 || step === 1)
  }

  const put = ({ partition, changed }: PartitionChange) => {
    if ((stored.get(partition) as unknown as Head).sequence === changed.sequence) return
    for (const [key, bytes] of changed.pages) putPage.run(partition, key, bytes)
    putHead.run(changed.sequence, changed.head, partition)
  }

  const saveAll = (changes: readonly PartitionChange[]) => {
    if (!changes.every(follows)) return 'fenced'
    changes.forEach(put)
    return 'saved'
  }

  return {
    claim: async (partition) => inTransaction(database, () => claim(partition)),
    save: async (change) => inTransaction(database, () => saveAll([change])),
    saveAll: async (changes) => inTransaction(database, () => saveAll(changes)),
  }
}

interface Head {
  readonly epoch: number
  readonly sequence: number
  readonly head: string
}

interface Page {
  readonly key: string
  readonly bytes: Uint8Array
}
