import { Type } from 'typebox'
import { type Finding, SEVERITIES } from '../../domain/finding.ts'
import type { Notification } from '../../domain/incident.ts'
import { defineChannel, type Links } from '../channel.ts'

/**
 * Standard Webhooks (github.com/standard-webhooks/standard-webhooks): type, timestamp of the event, data. The
 * specification asks for less than 20 kB, so evidence gives way first, then findings, then names.
 */
const MAX_BYTES = 20_000

const Options = Type.Object(
  {
    url: Type.String({
      description: 'address that receives the POST',
      pattern: '^https?://(\\[[0-9A-Fa-f:.]+\\]|[^\\s/?#@:\\[\\]]+)(:[0-9]{1,5})?([/?#]\\S*)?$',
      expects: 'an address that begins with https:// or http://, without a user or a space in it',
      example: 'https://alerts.example.com/meshwatch',
      // Many receivers know who may send by a token in the path.
      sensitive: true,
    }),
    secrets: Type.Array(
      Type.String({
        pattern: '^whsec_[A-Za-z0-9+/]{32,88}={0,2}$',
        expects: 'whsec_ and the base64 of 24 to 64 random bytes',
      }),
      {
        description:
          'signing secrets, whsec_ and base64 of 24 to 64 random bytes; two while one is being replaced, the new one first',
        minItems: 1,
        maxItems: 2,
      },
    ),
    allowHttp: Type.Optional(
      Type.Boolean({ description: 'plain http to a host that is not loopback', default: false }),
    ),
    allowPrivate: Type.Optional(
      Type.Boolean({
        description: 'private and link-local addresses; loopback when the url names it needs no permission',
        default: false,
      }),
    ),
  },
  { additionalProperties: false },
)

export const webhook = defineChannel({
  name: 'webhook',
  describes: 'a signed POST in the form of Standard Webhooks, to any receiver',
  options: Options,
  render: (notification, options, links) => ({
    url: options.url,
    headers: { 'content-type': 'application/json' },
    body: smallest(notification, links),
    secrets: options.secrets,
    allowHttp: options.allowHttp ?? false,
    allowPrivate: options.allowPrivate ?? false,
  }),
})

/** How much of each part is kept, from everything to the least that still tells what happened. */
const CUTS = [
  { evidence: 3, findings: 5, names: 50, text: 2000 },
  { evidence: 1, findings: 5, names: 50, text: 1000 },
  { evidence: 0, findings: 3, names: 10, text: 500 },
  { evidence: 0, findings: 1, names: 3, text: 200 },
] as const
type Cut = (typeof CUTS)[number]

function smallest(notification: Notification, links: Links): string {
  let body = ''
  for (const cut of CUTS) {
    body = JSON.stringify(payload(notification, links, cut))
    if (new TextEncoder().encode(body).length < MAX_BYTES) return body
  }
  return body
}

function payload(notification: Notification, links: Links, cut: Cut): unknown {
  const { incident, findings } = notification
  const shown = findings.slice(0, cut.findings)
  const worst = shown.toSorted((a, b) => rankOf(b) - rankOf(a)).at(0)
  const names = (list: readonly string[]) => list.slice(0, cut.names).map((name) => name.slice(0, cut.text))
  return {
    type: notification.type,
    timestamp: iso(notification.time),
    data: {
      id: incident.id,
      version: incident.version,
      state: incident.state,
      severity: incident.severity,
      title: incident.title.slice(0, cut.text),
      reason: worst?.text.slice(0, cut.text),
      nextStep: worst?.respond.slice(0, cut.text),
      ...(notification.by !== undefined && { by: notification.by.slice(0, cut.text) }),
      ...(links.incident !== undefined && { link: links.incident }),
      detectors: names(incident.detectors),
      callers: names(incident.callers),
      callees: names(incident.callees),
      openedAt: iso(incident.openedAt),
      lastFindingAt: iso(incident.lastFindingAt),
      findingCount: incident.findingCount,
      related: names(incident.related),
      findings: shown.map((finding) => findingOf(finding, cut)),
    },
  }
}

function rankOf(finding: Finding): number {
  return SEVERITIES.indexOf(finding.severity)
}

function findingOf(finding: Finding, cut: Cut): unknown {
  return {
    id: finding.id,
    detector: finding.detector,
    severity: finding.severity,
    start: iso(finding.start),
    end: iso(finding.end),
    observed: finding.observed,
    expected: finding.expected,
    expectedPerDay: finding.expectedPerDay,
    text: finding.text.slice(0, cut.text),
    evidence: finding.evidence.slice(0, cut.evidence).map(({ source, line, offset, time }) => ({
      source: source.slice(0, cut.text),
      line,
      offset,
      time: iso(time),
    })),
  }
}

function iso(time: number): string {
  return new Date(time).toISOString()
}
