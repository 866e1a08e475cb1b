import { median, quantile } from 'simple-statistics'
import { namespaceOf, roleOf } from '../../domain/identity.ts'

/** Typical levels by channel, then by group (role, namespace, or '' for all). */
export type Priors = Map<string, Map<string, Prior>>

/** Median level of a group, the level that one row in a hundred exceeds, and of how many rows. */
export interface Prior {
  readonly level: number
  readonly p99: number
  readonly rows: number
}

/** Rows that make a group's median worth using. */
const ENOUGH_ROWS = 3
/** Rows looked at for one group's median. */
const MOST_ROWS = 501
/** Groups kept of one channel. */
const MOST_GROUPS = 500

/** Its role, its namespace, and all. */
function groupsOf(identity: string): readonly string[] {
  return [`role ${roleOf(identity)}`, `namespace ${namespaceOf(identity)}`, '']
}

/** Medians of the levels by role, by namespace and of all. */
export function mediansOf(levels: Iterable<readonly [identity: string, level: number]>): Map<string, Prior> {
  const groups = new Map<string, number[]>([['', []]])
  const known = new Map<string, readonly string[]>()
  for (const [identity, level] of levels) {
    const names = known.get(identity) ?? groupsOf(identity)
    known.set(identity, names)
    for (const group of names) {
      const members = groups.get(group) ?? (groups.size < MOST_GROUPS ? [] : undefined)
      if (members === undefined || members.length >= MOST_ROWS) continue
      members.push(level)
      groups.set(group, members)
    }
  }
  const priors = [...groups].filter(([, members]) => members.length >= ENOUGH_ROWS)
  return new Map(
    priors.map(([group, members]) => [
      group,
      { level: median(members), p99: quantile(members, 0.99), rows: members.length },
    ]),
  )
}

/** One prior of several partitions': the mean of their medians, weighed by their rows, and the highest 99th percentile. */
export function mergePriors(parts: Iterable<ReadonlyMap<string, Prior>>): Map<string, Prior> {
  const merged = new Map<string, Prior>()
  for (const part of parts) {
    for (const [group, { level, p99, rows }] of part) {
      const known = merged.get(group) ?? { level: 0, p99: 0, rows: 0 }
      const total = known.rows + rows
      merged.set(group, {
        level: (known.level * known.rows + level * rows) / total,
        p99: Math.max(known.p99, p99),
        rows: total,
      })
    }
  }
  return merged
}

/** The level of an identity's role, else of its namespace, else of all, else 0. */
export function priorOf(priors: ReadonlyMap<string, Prior> | undefined, identity: string): number {
  if (priors === undefined) return 0
  return (
    (
      priors.get(`role ${roleOf(identity)}`) ??
      priors.get(`namespace ${namespaceOf(identity)}`) ??
      priors.get('')
    )?.level ?? 0
  )
}
