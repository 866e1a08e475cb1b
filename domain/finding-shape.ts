import { type Static, Type } from 'typebox'
import { Compile } from 'typebox/compile'
import { type Finding, SEVERITIES } from './finding.ts'
import { MAX_TIME } from './instant.ts'

/** What cannot be written as a date would end whoever tells of it. */
const Instant = Type.Number({ minimum: 0, maximum: MAX_TIME, description: 'epoch milliseconds' })
const name = Type.String({ minLength: 1 })

const evidenceShape = Type.Object({
  source: Type.String(),
  generation: Type.String(),
  offset: Type.Number({ description: 'byte in a file, number in a journal' }),
  line: Type.Integer({ description: 'from 1; 0 when the source has no lines' }),
  index: Type.Integer(),
  time: Instant,
})

const subjectShape = Type.Union([
  Type.Object({ identity: Type.String() }),
  Type.Object({ caller: Type.String(), callee: Type.String() }),
  Type.Object({
    credential: Type.Object({ kind: name, issuer: Type.Optional(Type.String()), id: name }),
  }),
])

/** A finding as JSON carries it. */
export const findingShape = Type.Object({
  id: name,
  detector: name,
  subject: subjectShape,
  caller: Type.String(),
  callee: Type.Optional(Type.String()),
  start: Instant,
  end: Instant,
  foundAt: Instant,
  score: Type.Number({ description: '−log10 of the expected false alarms a day' }),
  raw: Type.Number({ description: "the detector's own scale" }),
  expectedPerDay: Type.Number(),
  observed: Type.Number(),
  expected: Type.Number(),
  threshold: Type.Number(),
  samples: Type.Number(),
  severity: Type.Union(SEVERITIES.map((severity) => Type.Literal(severity))),
  opens: Type.Boolean(),
  withinBudget: Type.Boolean(),
  evidence: Type.Array(evidenceShape),
  text: Type.String(),
  respond: Type.String({ description: 'what to do next' }),
})
const finding = Compile(findingShape)

/** True for what came back through a log as a finding of ours: whoever can write to that may have forged it. */
export function isFinding(value: unknown): value is Finding & Static<typeof findingShape> {
  return finding.Check(value)
}
