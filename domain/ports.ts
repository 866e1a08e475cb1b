import type { Position } from './coordinate.ts'
import type { Decision } from './decision.ts'
import type { Finding, Severity } from './finding.ts'
import type { Delivery, Incident, IncidentState, IncidentSummary, OwedDelivery } from './incident.ts'
import type { Reject, RejectReason } from './reject.ts'

/** State of one analyzer partition as it is stored: opaque pages, and a head that says what they are. */
export interface Checkpoint {
  /** Rises by one with each accepted checkpoint; 0 before the first. */
  readonly sequence: number
  /** Small facts about the whole partition (JSON). */
  readonly head: string
  readonly pages: ReadonlyMap<string, Uint8Array>
}

export interface Claim {
  /** Rises with each claim: who holds an older one is refused. */
  readonly epoch: number
  readonly checkpoint: Checkpoint | undefined
}

/** What one partition stores, under the epoch of its claim. */
export interface PartitionChange {
  readonly partition: number
  readonly epoch: number
  readonly changed: Checkpoint
}

/** Where analyzer partitions keep their state. One writer a partition: the last claimer. */
export interface CheckpointStore {
  claim(partition: number): Promise<Claim>
  /**
   * Writes the changed pages and the head of a partition as one change or nothing. `sequence` must be the stored one
   * plus one; the stored one itself is already done. A save that failed may be repeated with the same pages.
   * @returns `fenced` when another claimed the partition, or the store no longer holds what this change is built on:
   *   claim again and start from what it holds
   */
  save(change: PartitionChange): Promise<'saved' | 'fenced'>
}

/** A store that can write several partitions as one change. */
export interface JointCheckpointStore extends CheckpointStore {
  /**
   * Like `save`, of all the partitions or of none: what partitions of one process have told each other inside it must
   * be stored with all of them.
   */
  saveAll(changes: readonly PartitionChange[]): Promise<'saved' | 'fenced'>
}

/** What one alerter step changes, written at once or not at all. */
export interface IncidentChange {
  readonly incidents: readonly Incident[]
  readonly findings: readonly SeenFinding[]
  readonly deliveries: readonly OwedDelivery[]
  /** Ids of deliveries still owed that newer ones replace. */
  readonly superseded: readonly string[]
  /** Offset of the first finding that is not taken in yet, where findings come from a log. */
  readonly nextFinding?: number
}

/** That a finding was taken in, so that taking it in again changes nothing. */
export interface SeenFinding {
  readonly id: string
  readonly group: string
  readonly time: number
  /** Incident it is part of; absent while it is part of none. */
  readonly incident?: string
  /** The finding, while it waits for another detector to agree with it. */
  readonly waiting?: Finding
}

export interface IncidentFilter {
  readonly state?: readonly IncidentState[]
  readonly severity?: readonly Severity[]
  readonly detector?: string
  readonly identity?: string
  /** Opened at or after / before, epoch ms. */
  readonly since?: number
  readonly until?: number
}

export interface IncidentPage {
  readonly incidents: readonly IncidentSummary[]
  /** Pass to the next call; absent on the last page. */
  readonly next?: { readonly openedAt: number; readonly id: string }
}

export interface IncidentCount {
  readonly state: IncidentState
  readonly severity: Severity
  readonly count: number
}

/** Where incidents and the outbox live. */
export interface IncidentStore {
  /** Incidents of these groups that are not resolved: at most one a group. */
  unresolved(groups: readonly string[]): Promise<readonly Incident[]>
  /** Incidents not resolved whose `resolvesAt` is at or before `time`, the oldest first. */
  overdue(time: number, limit: number): Promise<readonly Incident[]>
  /** Incidents opened in [since, until] that have one of the identities as caller or callee: the newest 100. */
  touching(
    identities: readonly string[],
    opened: { readonly since: number; readonly until: number },
  ): Promise<readonly Incident[]>
  get(id: string): Promise<Incident | undefined>
  /** Newest first. */
  list(filter: IncidentFilter, limit: number, after?: IncidentPage['next']): Promise<IncidentPage>
  /** How many incidents there are. */
  counts(): Promise<readonly IncidentCount[]>
  /** `openedAt` of the oldest incident that is open: nobody has acknowledged it. */
  oldestOpen(): Promise<number | undefined>
  /** Those of the ids that were taken in before. */
  seen(findingIds: readonly string[]): Promise<ReadonlySet<string>>
  /** Waiting findings of these groups that ended at or after `since`, the oldest first. */
  waiting(groups: readonly string[], since: number): Promise<readonly Finding[]>
  /** Waiting findings that ended before `time` wait no longer. */
  forgetWaiting(time: number): Promise<void>
  /**
   * Writes all of it or nothing. A delivery that is no longer owed keeps its state.
   * @param expectedRevisions revision that each incident must have in the store now (0: none), else nothing is written
   * @returns `conflict` when one differs
   */
  apply(
    change: IncidentChange,
    expectedRevisions: ReadonlyMap<string, number>,
  ): Promise<'applied' | 'conflict'>
  /** The `nextFinding` written last; undefined before the first. */
  nextFinding(): Promise<number | undefined>
  /** Deliveries owed to the endpoint and due at `now`, most severe first, then oldest. */
  due(endpoint: string, now: number, limit: number): Promise<readonly OwedDelivery[]>
  /** Writes the outcome of an attempt. What was superseded meanwhile stays so unless it was delivered after all. */
  settle(delivery: Delivery): Promise<void>
  /** Deliveries owed to the endpoint become due at `now`: it answers again. */
  hasten(endpoint: string, now: number): Promise<void>
  /** Drops what is owed to any other endpoint. */
  keepEndpoints(endpoints: readonly string[]): Promise<void>
  /** Deliveries of one incident, in the order of versions. */
  deliveries(incident: string): Promise<readonly Delivery[]>
  /** Deliveries owed, and the wall clock at which the oldest became so. */
  outbox(): Promise<{ readonly owed: number; readonly oldestCreatedAt: number | undefined }>
  /** Endpoints switched off because they answered 410. */
  disabledEndpoints(): Promise<readonly string[]>
  /** Switches it off and drops what is owed to it. */
  disableEndpoint(endpoint: string, time: number): Promise<void>
  /** Appends; the number that it gets is its offset in the source `decisions`. */
  decide(decision: Decision): Promise<number>
  decisionsFrom(
    offset: number,
    limit: number,
  ): Promise<readonly { readonly offset: number; readonly decision: Decision }[]>
}

/** Keeps refused records. Writing the same position again changes nothing. */
export interface RejectStore {
  keep(rejects: readonly Reject[]): Promise<void>
}

/**
 * Input of HTTP and stdin, written before it is accepted. For each source it is a stream of bytes, like a file that
 * only grows: its offsets never come again, even when all of it was trimmed.
 */
export interface IntakeJournal {
  /**
   * Appends bytes as one change; a request appends whole lines.
   * @param key makes a repeat harmless: one that the source used in the last 24 hours appends nothing
   * @param now wall clock, epoch ms
   * @returns false for a known key
   */
  append(source: string, bytes: Uint8Array, key: string | undefined, now: number): Promise<boolean>
  /**
   * Some bytes (about 64 KiB) from an offset on, or from the first that is still kept; undefined when there are
   * none. Lines may be cut.
   */
  read(
    source: string,
    fromOffset: number,
  ): Promise<{ readonly offset: number; readonly bytes: Uint8Array } | undefined>
  /** May forget what lies below the offset: every partition has consumed it. */
  trim(source: string, belowOffset: number): Promise<void>
  /** Bytes kept, for back-pressure. */
  size(): Promise<number>
  /** All that ever appended. */
  sources(): Promise<readonly string[]>
}

/** One chunk of a source: whole records in order, with where the next chunk begins. */
export interface SourceChunk {
  readonly records: readonly RawRecord[]
  readonly end: Position
  /** The source breaks off behind these records; the record is what is known of the broken place. */
  readonly failure?: { readonly reason: RejectReason; readonly record: RawRecord }
}

/** One record before parsing. Its bytes are `chunk.subarray(from, to)`, made only when somebody needs them. */
export interface RawRecord {
  /** UTF-8 reading with invalid bytes replaced by U+FFFD; '' for a record of a format that is read whole. */
  readonly text: string
  readonly chunk: Uint8Array
  readonly from: number
  readonly to: number
  /** Byte offset in the source, or its number in a journal. */
  readonly offset: number
  readonly line: number
  /** Length of the whole record in bytes: more than `to - from` when only its beginning was kept (over the limit). */
  readonly length: number
}

/** A source of records. */
export interface Source {
  readonly name: string
  /** Waits for nothing: undefined when there is nothing to read now. */
  read(): Promise<SourceChunk | undefined>
  /** True when no more will ever come (a finished file of a replay). */
  readonly ended: boolean
  /** True when more is known to be there that has not come yet: what the others have is merged with it. */
  readonly isBehind?: boolean
  /** How often a source that is read as a whole was found as it had been read: it lives, though it gives no record. */
  readonly unchanged?: number
  close(): Promise<void>
}
