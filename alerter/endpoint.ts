import type { Severity } from '../domain/finding.ts'

/** Where notifications go: one endpoint of one channel. */
export interface Endpoint {
  /** Unique among the endpoints; a metric label and a part of each delivery's id. */
  readonly name: string
  /** A channel of the registry. */
  readonly channel: string
  readonly minimumSeverity: Severity
  /** Fits the channel's options, with the secrets themselves. */
  readonly options: unknown
}
