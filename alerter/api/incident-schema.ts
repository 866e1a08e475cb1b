import { Type } from 'typebox'
import { SEVERITIES } from '../../domain/finding.ts'
import { findingShape } from '../../domain/finding-shape.ts'
import { DELIVERY_STATES, INCIDENT_EVENTS, INCIDENT_STATES } from '../../domain/incident.ts'

/** Incidents as the API shows them. Instants are epoch milliseconds. */
const oneOf = <Word extends string>(words: readonly Word[]) =>
  Type.Union(words.map((word) => Type.Literal(word)))

export const State = oneOf(INCIDENT_STATES)
export const SeverityWord = oneOf(SEVERITIES)

const Names = Type.Array(Type.String())
const Instant = Type.Number({ description: 'epoch milliseconds' })

const summary = {
  id: Type.String(),
  version: Type.Integer({ description: 'rises when state, severity, a detector or an identity changed' }),
  revision: Type.Integer({ description: 'rises with every write' }),
  state: State,
  severity: SeverityWord,
  group: Type.String({ description: 'identity:<caller> or credential:<kind>:<id>' }),
  title: Type.String(),
  detectors: Names,
  callers: Names,
  callees: Names,
  openedAt: Instant,
  lastFindingAt: Instant,
  resolvesAt: Type.Number({ description: 'event time at which it resolves by itself, epoch milliseconds' }),
  findingCount: Type.Integer(),
  related: Type.Array(Type.String(), {
    description: 'ids of incidents that may be steps of the same attack',
  }),
}

export const Summary = Type.Object(summary)

const DeliveryRecord = Type.Object({
  id: Type.String({ description: 'the webhook-id of every attempt' }),
  endpoint: Type.String(),
  incident: Type.String(),
  version: Type.Integer(),
  severity: SeverityWord,
  type: oneOf(INCIDENT_EVENTS),
  attempts: Type.Integer(),
  dueAt: Instant,
  createdAt: Instant,
  state: oneOf(DELIVERY_STATES),
  lastError: Type.Optional(Type.String()),
})

export const Detail = Type.Object({
  ...summary,
  findings: Type.Array(findingShape, { description: 'the first five and the latest fifteen' }),
  transitions: Type.Array(
    Type.Object({
      time: Instant,
      state: State,
      by: Type.String(),
      reason: Type.Optional(Type.String()),
    }),
  ),
  comments: Type.Array(Type.Object({ time: Instant, author: Type.String(), text: Type.String() })),
  explanation: Type.Object(
    {
      reasons: Type.Array(Type.String(), { description: 'the verdicts in plain words' }),
      nextSteps: Type.Array(Type.String()),
    },
    { description: 'why this incident exists and what to do' },
  ),
  deliveries: Type.Array(DeliveryRecord),
})

export const IncidentId = Type.Object({ id: Type.String({ pattern: '^[0-9a-f]{32}$' }) })

export const IfMatch = Type.Object({
  'if-match': Type.Optional(
    Type.String({ description: 'required: the ETag of the incident that was seen, or *; without it 428' }),
  ),
})
