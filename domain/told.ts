import { type Static, Type } from 'typebox'
import { Compile } from 'typebox/compile'
import type { Decision, Fact } from './decision.ts'
import { LIFECYCLE_ACTIONS, type LifecycleAction } from './event.ts'
import { MAX_TIME } from './instant.ts'

/** Shapes of what comes back through a log that others can write to: a forged record must not stop who reads it. */
const name = Type.String({ minLength: 1 })
const instant = Type.Number({ minimum: 0 })
const partition = Type.Integer({ minimum: 0 })
const group = Type.Tuple([Type.String(), Type.Number(), Type.Number(), Type.Number()])

const incidentShape = Type.Object({
  fact: Type.Literal('incident'),
  partition: Type.Optional(partition),
  caller: name,
  until: instant,
  time: instant,
})

/** The facts of analyzers and alerters, as JSON carries them. */
export const factShape = Type.Union([
  Type.Object({
    fact: Type.Literal('edge-trusted'),
    partition,
    caller: name,
    callee: name,
    time: instant,
  }),
  Type.Object({
    fact: Type.Literal('calibration'),
    partition,
    time: instant,
    sketches: Type.Record(Type.String(), Type.String()),
    priors: Type.Record(Type.String(), Type.Array(group)),
    activeSources: Type.Number(),
  }),
  incidentShape,
])

/** Of what goes into the stream: rows are taken back only with such a time. */
const rowTime = Type.Number({ minimum: 0, maximum: MAX_TIME })

const decisionShape = Type.Object({
  decision: Type.Literal('expected'),
  caller: name,
  callee: Type.Optional(name),
  author: Type.String(),
  reason: Type.String(),
  time: rowTime,
  expiresAt: instant,
})

/** What a lifecycle row carries beside its columns, as JSON. */
export interface LifecycleDetail {
  readonly action: LifecycleAction
  readonly reason?: string
  readonly address?: string
  /** Key of the credential that this one replaces. */
  readonly previous?: string
  /** Validity, epoch ms. */
  readonly notBefore?: number
  readonly notAfter?: number
}

const lifecycleShape = Type.Object({
  action: Type.Union(LIFECYCLE_ACTIONS.map((action) => Type.Literal(action))),
  reason: Type.Optional(Type.String()),
  address: Type.Optional(Type.String()),
  previous: Type.Optional(Type.String()),
  notBefore: Type.Optional(Type.Number()),
  notAfter: Type.Optional(Type.Number()),
})

const incidentFact = Compile(Type.Object({ ...incidentShape.properties, time: rowTime }))
const decision = Compile(decisionShape)
const lifecycle = Compile(lifecycleShape)

/** True for a fact of the only kind that collectors tell. */
export function isIncidentFact(value: unknown): value is Fact & Static<typeof incidentShape> {
  return incidentFact.Check(value)
}

export function isDecision(value: unknown): value is Decision & Static<typeof decisionShape> {
  return decision.Check(value)
}

export function isLifecycleDetail(value: unknown): value is LifecycleDetail & Static<typeof lifecycleShape> {
  return lifecycle.Check(value)
}
