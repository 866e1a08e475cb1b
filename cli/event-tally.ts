import { type EventBatch, FLAG, ROW } from '../domain/batch.ts'
import { type DenialReason, denialReason } from '../domain/denial.ts'
import type { LifecycleDetail } from '../domain/told.ts'
import type { CredentialStep } from './rotation-ages.ts'

/** What went into the stream, in plain numbers: metrics are added to once a round. */
export interface EventTally {
  /** Calls that were refused, by reason. */
  readonly denied: ReadonlyMap<DenialReason, number>
  /** Calls by the kind of the credential that they presented. */
  readonly uses: ReadonlyMap<string, number>
  /** Lifecycle events by action. */
  readonly lifecycle: ReadonlyMap<string, number>
  /** Those of them that name a credential and its holder. */
  readonly steps: readonly CredentialStep[]
}

/** Counts the rows of a round. A call that two partitions have is a call in one of them and a use in the other. */
export function tallyEvents(batches: readonly EventBatch[]): EventTally {
  const uses = new Map<string, number>()
  const lifecycle = new Map<string, number>()
  const denied = new Map<DenialReason, number>()
  const steps: CredentialStep[] = []
  for (const batch of batches) {
    addDenied(denied, batch)
    addUses(uses, batch)
    addLifecycle(lifecycle, steps, batch)
  }
  return { denied, uses, lifecycle, steps }
}

function add<Key extends string>(sums: Map<Key, number>, key: Key, by: number): void {
  if (by > 0) sums.set(key, by + (sums.get(key) ?? 0))
}

function addDenied(denied: Map<DenialReason, number>, { rows, strings, columns }: EventBatch): void {
  const { kind, flags, count, status } = columns
  for (let i = 0; i < rows; i++)
    if (kind[i] & ROW.call && flags[i] & FLAG.denied) add(denied, denialReason(strings[status[i]]), count[i])
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

function addLifecycle(
  actions: Map<string, number>,
  steps: CredentialStep[],
  { rows, strings, columns }: EventBatch,
): void {
  const { kind, detail, time, caller, credentialKind, credentialId } = columns
  for (let i = 0; i < rows; i++) {
    if ((kind[i] & ROW.lifecycle) === 0) continue
    const told = JSON.parse(strings[detail[i]]) as LifecycleDetail
    add(actions, told.action, 1)
    if (credentialId[i] === 0 || caller[i] === 0) continue
    const credential = `${strings[credentialKind[i]]}:${strings[credentialId[i]]}`
    steps.push({ ...told, time: time[i], identity: strings[caller[i]], credential })
  }
}
