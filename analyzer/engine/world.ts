import type { CredentialRef } from '../../domain/credential.ts'
import type { Evidence, Finding, Severity, Subject } from '../../domain/finding.ts'
import type { State } from './state.ts'

/** A verdict of a certain rule, before the engine makes a finding of it. */
export interface CertainVerdict {
  readonly detector: string
  readonly subject: Subject
  readonly caller: string
  readonly callee?: string
  /** What distinguishes it among verdicts on the subject; with the subject it makes the id. */
  readonly window: string
  readonly start: number
  readonly end: number
  readonly observed: number
  readonly severity: Severity
  readonly opens: boolean
  readonly evidence: readonly Evidence[]
  readonly text: string
}

/** A connection in words. */
export interface KnownConnection {
  readonly credential: CredentialRef
  readonly caller: string
  readonly callee: string
  readonly reporter: string
  readonly key: number
  readonly address: string
  readonly startAt: number
  readonly lastUseAt: number
  /** Newest uses in the order of their time. */
  readonly evidence: readonly Evidence[]
}

/** What a detector may read beside its own rows, and the one thing it may do: speak. */
export interface World {
  readonly state: State
  /** Event time of the first row that this partition saw. */
  bornAt(): number
  /** Latest event time up to which rows were seen. */
  frontier(): number
  /** Identities that called somebody within the last day, over all partitions. */
  activeSources(): number
  /** Factor of a season at an instant; 1 for row 0. */
  season(seasonRow: number, time: number): number
  /** Typical level per window, by channel, of an identity's peers: of its role, else its namespace, else all. */
  priors(channel: string): (identity: number) => number
  /** Level per window, by channel, that one row in a hundred exceeds; 0 before any is known. */
  p99(channel: string): () => number
  /** True when a person said that this edge (or all of the caller) is expected now. */
  isExpected(caller: string, callee: string | undefined, time: number): boolean
  /** Newest sightings of an edge. */
  evidenceOf(edge: number): readonly Evidence[]
  /** The connection of a row. */
  connection(row: number): KnownConnection
  /** Credential rows with the kind and id of `credential`, from any issuer, itself included. */
  sameSerial(credential: number): readonly number[]
  /** Credential rows whose lifecycle speaks of `credential`: itself, and reports that name no issuer. */
  reportsOn(credential: number): readonly number[]
  /** Number of a short text, and back. */
  textId(text: string): number
  textOf(id: number): string
  /** Role of an identity: its name without the numbers that tell replicas apart. */
  roleOf(identity: string): string
  /** Records a certain finding at once. */
  emit(verdict: CertainVerdict): Finding
}
