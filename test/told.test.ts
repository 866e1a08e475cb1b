import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { Compile } from 'typebox/compile'
import { ROW } from '../domain/batch.ts'
import { factShape, isDecision, isIncidentFact } from '../domain/told.ts'
import { recordStream } from './analyzer/play.ts'
import { scenarioLines, sourcesOf } from './analyzer/scenario.ts'

const fact = Compile(factShape)
const isFact = (value: unknown) => fact.Check(value)

import { DECISION } from './sample-decision.ts'

describe('what analyzers tell each other', () => {
  let told: readonly unknown[]
  before(async () => {
    const log = await recordStream(sourcesOf(scenarioLines()))
    told = log.flatMap(({ rows, columns, strings }) =>
      Array.from({ length: rows }, (_, i) => i)
        .filter((i) => columns.kind[i] === ROW.fact)
        .map((i) => JSON.parse(strings[columns.detail[i]])),
    )
  })

  it('is known again when it comes back as JSON', () => {
    const kinds = new Set(told.map((fact) => (fact as { fact: string }).fact))
    assert.deepEqual([...kinds].sort(), ['calibration', 'edge-trusted', 'incident'])
    assert.deepEqual(
      told.filter((fact) => !isFact(fact)),
      [],
    )
  })

  it('is nothing that a collector tells, but for incidents', () => {
    for (const one of told as readonly { fact: string }[])
      assert.equal(isIncidentFact(one), one.fact === 'incident', one.fact)
  })

  it('is refused with any field gone or of another type', () => {
    for (const fact of told.slice(0, 200) as Record<string, unknown>[])
      for (const field of Object.keys(fact)) {
        const { [field]: _, ...rest } = fact
        const isOptional = field === 'partition' && fact['fact'] === 'incident'
        assert.equal(isFact(rest), isOptional, field)
        assert.equal(isFact({ ...fact, [field]: [null] }), false, field)
      }
  })
})

describe('what people decide', () => {
  it('is known again, and refused when it lacks something', () => {
    assert.ok(isDecision(DECISION))
    assert.ok(isDecision({ ...DECISION, callee: 'shop/tax' }))
    for (const field of Object.keys(DECISION))
      assert.equal(isDecision({ ...DECISION, [field]: null }), false, field)
    for (const other of [null, 'expected', [], { fact: 'incident' }]) assert.equal(isDecision(other), false)
  })
})
