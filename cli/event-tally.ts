import { type EventBatch, FLAG, ROW } from '../domain/batch.ts'

/** What went into the stream, in plain numbers: metrics are added to once a round. */
export interface EventTally {
  /** Calls that were refused. */
  readonly denied: number
  /** Calls by the kind of the credential that they presented. */
  readonly uses: ReadonlyMap<string, number>
  /** Lifecycle events by action. */
  readonly lifecycle: ReadonlyMap<string, number>
}

/** Counts the rows of a round. A call that two partitions have is a call in one of them and a use in the other. */
export function tallyEvents(batches: readonly EventBatch[]): EventTally {
  const uses = new Map<string, number>()
  const lifecycle = new Map<string, number>()
  let denied = 0
  for (const batch of batches) {
    denied += deniedIn(batch)
    addUses(uses, batch)
    addLifecycle(lifecycle, batch)
  }
  return { denied, uses, lifecycle }
}

function add(sums: Map<string, number>, key: string, by: number): void {
  if (by > 0) sums.set(key, by + (sums.get(key) ?? 0))
}

function deniedIn({ rows, columns: { kind, flags, count } }: EventBatch): number {
  let denied = 0
  for (let i = 0; i < rows; i++) if (kind[i] & ROW.call && flags[i] & FLAG.denied) denied += count[i]
  return denied
}

/** Most rows have a credential of the same kind as the row before. */
function addUses(uses: Map<string, number>, { rows, strings, columns }: EventBatch): void {
  const { kind, credentialKind, count } = columns
  let [before, calls] = [0, 0]
  for (let i = 0; i < rows; i++) {
    if ((kind[i] & ROW.use) === 0) continue
    if (credentialKind[i] !== before) {
      add(uses, strings[before], calls)
      before = credentialKind[i]
      calls = 0
    }
    calls += count[i]
  }
  add(uses, strings[before], calls)
}

/** The same action for the same reason is the same text. */
function addLifecycle(actions: Map<string, number>, { rows, strings, columns }: EventBatch): void {
  const { kind, detail } = columns
  const texts = new Map<number, number>()
  for (let i = 0; i < rows; i++)
    if (kind[i] & ROW.lifecycle) texts.set(detail[i], 1 + (texts.get(detail[i]) ?? 0))
  for (const [index, events] of texts)
    add(actions, (JSON.parse(strings[index]) as { readonly action: string }).action, events)
}
