import type { Incident } from '../../domain/incident.ts'
import { type RouteReply, type RouteRequest, refuse } from '../../domain/route.ts'
import { commit, type Desk } from '../commit.ts'
import { number } from '../life.ts'
import { entityTag, incidentDetail, noSuchIncident } from './incident-detail.ts'

/** What a person wants changed: the incident as it shall be, itself when nothing is to be done, or why not. */
export type Change = (incident: Incident) => Incident | RouteReply

/**
 * One change by a person: the incident is read, the version they saw is compared (RFC 9110, section 13.1.1), and the
 * change is written together with what it makes owed. When another write comes between, all of it runs again.
 */
export async function changeIncident(
  desk: Desk,
  request: Pick<RouteRequest, 'headers'> & { readonly params: { readonly id: string } },
  change: Change,
): Promise<RouteReply> {
  let reply: RouteReply | undefined
  await commit(desk, async () => {
    const before = await desk.store.get(request.params.id)
    const outcome = refusal(request.headers['if-match'], before) ?? change(before!)
    reply = 'id' in outcome ? undefined : outcome
    const isChange = 'id' in outcome && outcome !== before
    return { updates: isChange ? [number({ before, after: outcome })] : [], findings: [] }
  })
  if (reply !== undefined) return reply
  const stored = await desk.store.get(request.params.id)
  return stored === undefined ? noSuchIncident() : incidentDetail(desk.store, stored)
}

/** Why the change may not be made to what is stored now. */
export function refusal(ifMatch: string | undefined, incident: Incident | undefined): RouteReply | undefined {
  if (incident === undefined) return noSuchIncident()
  if (ifMatch === undefined)
    return refuse(428, 'if-match-required', 'send If-Match with the ETag of the incident that you saw, or *')
  const tags = ifMatch.split(',').map((tag) => tag.trim())
  if (ifMatch.trim() === '*' || tags.includes(entityTag(incident))) return undefined
  return refuse(412, 'version-changed', `the incident is at version ${incident.version} now: read it again`)
}

/** For changes that make no sense any more. */
export function alreadyResolved(): RouteReply {
  return refuse(409, 'already-resolved', 'a resolved incident stays so; what follows opens a new one')
}
