import { type Finding, opensUntil } from '../domain/finding.ts'
import { groupOf } from '../domain/group.ts'
import type { Sha256Hex } from '../domain/hash.ts'
import type { Incident } from '../domain/incident.ts'
import type { SeenFinding } from '../domain/ports.ts'
import { lapse, number, type Update } from './life.ts'
import { attach, openIncident } from './open.ts'
import { linkRelated } from './related.ts'

/**
 * Findings become incidents here. The step is a function of what the store knows about the findings and their groups,
 * and taking a finding in twice is taking it in once: that is what makes a replay after a crash harmless.
 */
export interface Known {
  /** Of the groups of the findings: those not resolved. */
  readonly unresolved: readonly Incident[]
  /** Of the groups of the findings: those that wait for another detector to agree. */
  readonly waiting: readonly Finding[]
  /** Ids of findings taken in before. */
  readonly seen: ReadonlySet<string>
  /** Incidents that share an identity with the findings: candidates for links. */
  readonly neighbours: readonly Incident[]
}

export interface FoldOptions {
  /** Event time without a finding after which an incident resolves by itself. */
  readonly quietMs: { readonly statistical: number; readonly certain: number }
  /** Different detectors that speak about one caller within this open an incident together. */
  readonly agreementMs: number
  readonly sha256Hex: Sha256Hex
}

export interface Folded {
  /** Numbered, in the order of incidents' first change. */
  readonly updates: readonly Update[]
  readonly findings: readonly SeenFinding[]
}

/** What changes while findings are taken in one by one. */
interface Work {
  readonly before: ReadonlyMap<string, Incident>
  /** Incidents by id as they are now. */
  readonly incidents: Map<string, Incident>
  /** Id of the unresolved incident of a group. */
  readonly current: Map<string, string>
  /** By group, then by id: thousands may wait after a day on which everything was new. */
  readonly waiting: Map<string, Map<string, Finding>>
  readonly taken: Map<string, SeenFinding>
  readonly options: FoldOptions
}

/**
 * Takes findings in, in the order in which they were said, so that it makes no difference how many come at once. Those
 * outside the alert budget are none of a person's business.
 */
export function fold(findings: readonly Finding[], known: Known, options: FoldOptions): Folded {
  const stored = [...known.neighbours, ...known.unresolved]
  const work: Work = {
    before: new Map(stored.map((incident) => [incident.id, incident])),
    incidents: new Map(stored.map((incident) => [incident.id, incident])),
    current: new Map(known.unresolved.map((incident) => [incident.group, incident.id])),
    waiting: new Map(),
    taken: new Map(),
    options,
  }
  for (const finding of known.waiting) keepWaiting(work, finding)
  for (const finding of findings) {
    if (!finding.withinBudget || known.seen.has(finding.id) || work.taken.has(finding.id)) continue
    takeIn(work, finding)
  }
  relate(work)
  return { updates: updatesOf(work), findings: [...work.taken.values()] }
}

function byTime(a: Finding, b: Finding): number {
  return a.end - b.end || (a.id < b.id ? -1 : 1)
}

function takeIn(work: Work, finding: Finding): void {
  const group = groupOf(finding)
  const current = currentOf(work, group, finding.foundAt)
  if (current !== undefined) {
    add(work, current, finding)
    return
  }
  const near = agreeing(work, group, finding)
  if (finding.severity === 'info') note(work, finding, {})
  else if (finding.opens || near.length > 0) open(work, group, [...near, finding].toSorted(byTime))
  else wait(work, finding)
}

function wait(work: Work, finding: Finding): void {
  keepWaiting(work, finding)
  note(work, finding, { waiting: finding })
}

function open(work: Work, group: string, findings: readonly Finding[]): void {
  const opened = openIncident(group, findings[0], work.options.sha256Hex)
  work.current.set(group, opened.id)
  work.incidents.set(opened.id, opened)
  for (const finding of findings) add(work, work.incidents.get(opened.id)!, finding)
}

/** The group's unresolved incident; one that had gone quiet by `time`, event time, is resolved first. */
function currentOf(work: Work, group: string, time: number): Incident | undefined {
  const incident = work.incidents.get(work.current.get(group) ?? '')
  if (incident === undefined || time < incident.resolvesAt) return incident
  work.incidents.set(incident.id, lapse(incident))
  work.current.delete(group)
  return undefined
}

function keepWaiting({ waiting }: Work, finding: Finding): void {
  const group = groupOf(finding)
  const ofGroup = waiting.get(group) ?? new Map<string, Finding>()
  waiting.set(group, ofGroup.set(finding.id, finding))
}

/** What waits in the group and speaks of the same time; none when it would not open an incident with the finding. */
function agreeing({ waiting, options }: Work, group: string, finding: Finding): readonly Finding[] {
  const others = waiting.get(group)
  if (others === undefined) return []
  const isNear = ({ end }: Finding) => Math.abs(end - finding.end) <= options.agreementMs
  const agrees = (other: Finding) => other.detector !== finding.detector && isNear(other)
  // Looked for before anything is gathered: a thousand of one detector may wait, each compared with all.
  if (!finding.opens && !others.values().some(agrees)) return []
  return [...others.values()].filter(isNear)
}

function add(work: Work, incident: Incident, finding: Finding): void {
  const until = opensUntil(finding, work.options.quietMs)
  work.incidents.set(incident.id, attach(incident, finding, until))
  work.waiting.get(incident.group)?.delete(finding.id)
  note(work, finding, { incident: incident.id })
}

function note(work: Work, finding: Finding, outcome: Pick<SeenFinding, 'incident' | 'waiting'>): void {
  work.taken.set(finding.id, {
    id: finding.id,
    group: groupOf(finding),
    time: finding.end,
    ...outcome,
  })
}

/** Links each incident that changed with its neighbours, both ways. */
function relate({ incidents, before }: Work): void {
  const changed = (incident: Incident) => incident !== before.get(incident.id)
  for (const incident of linkRelated([...incidents.values()], changed)) incidents.set(incident.id, incident)
}

function updatesOf(work: Work): Update[] {
  return [...work.incidents.values()]
    .filter((incident) => incident !== work.before.get(incident.id))
    .map((after) => number({ before: work.before.get(after.id), after }))
}
