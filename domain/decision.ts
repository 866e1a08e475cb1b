/**
 * What a person decided about the system's own words. It re-enters through the collector like any source, so
 * every analyzer partition knows it at the same place of its log.
 */
export interface ExpectedDecision {
  readonly decision: 'expected'
  readonly caller: string
  /** Absent: everything the caller does in the named detectors' eyes. */
  readonly callee?: string
  readonly author: string
  readonly reason: string
  /** Epoch ms at which it was made. */
  readonly time: number
  /** Epoch ms at which it stops. */
  readonly expiresAt: number
}

export type Decision = ExpectedDecision

/** What one analyzer partition tells all: rare, and needed by every partition. */
export type Fact =
  | {
      readonly fact: 'edge-trusted'
      readonly partition: number
      readonly caller: string
      readonly callee: string
      readonly time: number
    }
  /** What one partition saw up to the end of an hour: sketches of scores and medians of levels, by channel. */
  | {
      readonly fact: 'calibration'
      readonly partition: number
      readonly time: number
      readonly sketches: Readonly<Record<string, string>>
      readonly priors: Readonly<
        Record<string, readonly (readonly [group: string, level: number, p99: number, rows: number])[]>
      >
      readonly activeSources: number
    }
  /** An incident about a caller is open until then if nothing more is found; 0: a person resolved it. */
  | {
      readonly fact: 'incident'
      /** Absent when it is not a partition that says it. */
      readonly partition?: number
      readonly caller: string
      readonly until: number
      readonly time: number
    }
