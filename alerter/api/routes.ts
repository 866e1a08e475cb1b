import type { Route } from '../../domain/route.ts'
import type { Desk } from '../commit.ts'
import { acknowledgeIncident } from './acknowledge-incident.ts'
import { commentIncident } from './comment-incident.ts'
import { expectIncident } from './expect-incident.ts'
import { getIncident } from './get-incident.ts'
import { listIncidents } from './list-incidents.ts'
import { resolveIncident } from './resolve-incident.ts'

/**
 * The API of the alerter, to be mounted on an HTTP server.
 * @param hmacHex keyed HMAC in lower-case hex: signs the cursors of lists
 */
export function incidentRoutes(desk: Desk, hmacHex: (text: string) => string): readonly Route[] {
  return [
    listIncidents(desk.store, hmacHex),
    getIncident(desk.store),
    acknowledgeIncident(desk),
    resolveIncident(desk),
    commentIncident(desk),
    expectIncident(desk),
  ]
}
