import type { Incident } from '../../domain/incident.ts'
import type { IncidentStore } from '../../domain/ports.ts'
import { type RouteReply, refuse } from '../../domain/route.ts'

/** The answer that shows one incident whole, with its version as the entity tag. */
export async function incidentDetail(store: IncidentStore, incident: Incident): Promise<RouteReply> {
  const unique = (texts: readonly string[]) => [...new Set(texts)]
  return {
    status: 200,
    headers: { etag: entityTag(incident) },
    body: {
      ...incident,
      explanation: {
        reasons: unique(incident.findings.map((finding) => finding.text)),
        nextSteps: unique(incident.findings.map((finding) => finding.respond)),
      },
      deliveries: await store.deliveries(incident.id),
    },
  }
}

export function entityTag(incident: Incident): string {
  return `"${incident.version}"`
}

export function noSuchIncident(): RouteReply {
  return refuse(404, 'no-such-incident', 'there is no incident with this id')
}
