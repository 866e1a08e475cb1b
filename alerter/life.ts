import type { Incident, IncidentEvent, IncidentState } from '../domain/incident.ts'

/** Longest text that a person may leave, in characters. */
export const MAX_TEXT = 2000
const MAX_COMMENTS = 200

/** Who did something to an incident, when, and what they said. */
export interface Act {
  readonly by: string
  /** Epoch ms. */
  readonly time: number
  readonly reason?: string
}

/** One incident before and after a step; `before` is absent when the step opened it. */
export interface Update {
  readonly before: Incident | undefined
  readonly after: Incident
}

/** The incident in another state. A resolved one never comes back: what follows opens a new incident. */
export function moveTo(state: IncidentState, incident: Incident, act: Act): Incident {
  if (incident.state === 'resolved') throw new Error(`incident ${incident.id} is resolved and stays so`)
  const transition = { time: act.time, state, by: act.by }
  return {
    ...incident,
    state,
    transitions: [
      ...incident.transitions,
      act.reason === undefined ? transition : { ...transition, reason: act.reason },
    ],
  }
}

/** The incident resolved by the quiet that followed its last finding. */
export function lapse(incident: Incident): Incident {
  const act = { by: 'meshwatch', time: incident.resolvesAt, reason: 'nothing more was found' }
  return moveTo('resolved', incident, act)
}

/** The incident with a comment; beyond the limit the oldest give way. */
export function comment(incident: Incident, act: Act & { readonly reason: string }): Incident {
  const added = { time: act.time, author: act.by, text: act.reason }
  return { ...incident, comments: [...incident.comments, added].slice(-MAX_COMMENTS) }
}

/** The update with revision and version set: the version rises only for what a person would want to know. */
export function number(update: Update): Update {
  const { before, after } = update
  if (before === undefined) return update
  const version = isNews(before, after) ? before.version + 1 : before.version
  return { before, after: { ...after, version, revision: before.revision + 1 } }
}

function isNews(before: Incident, after: Incident): boolean {
  return (
    before.state !== after.state ||
    before.severity !== after.severity ||
    before.detectors.length !== after.detectors.length ||
    before.callers.length !== after.callers.length ||
    before.callees.length !== after.callees.length
  )
}

/** What a numbered update is called when it is told; undefined when there is nothing to tell. */
export function eventOf({ before, after }: Update): IncidentEvent | undefined {
  if (before === undefined) return 'incident.opened'
  if (before.version === after.version) return undefined
  if (before.state === after.state) return 'incident.updated'
  return after.state === 'acknowledged' ? 'incident.acknowledged' : 'incident.resolved'
}
