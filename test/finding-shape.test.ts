import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import type { Finding } from '../domain/finding.ts'
import { isFinding } from '../domain/finding-shape.ts'
import { play } from './analyzer/play.ts'
import { scenarioLines, sourcesOf } from './analyzer/scenario.ts'

describe('a finding', () => {
  let findings: readonly Finding[]
  before(async () => {
    findings = (await play(sourcesOf(scenarioLines()))).findings
  })

  it('is known again when it comes back as JSON', () => {
    assert.ok(findings.length > 10, `${findings.length}`)
    for (const finding of findings) assert.ok(isFinding(JSON.parse(JSON.stringify(finding))), finding.text)
  })

  it('is refused with any field gone or of another type', () => {
    for (const [field, value] of Object.entries(findings[0])) {
      const { [field]: _, ...rest } = findings[0] as unknown as Record<string, unknown>
      assert.equal(isFinding(rest), field === 'callee', field)
      assert.equal(isFinding({ ...findings[0], [field]: [value] }), false, field)
    }
  })

  it('is refused with a time that no date can show', () => {
    const [known] = findings
    for (const time of [-1, 8.64e15 + 1, 1e300]) {
      for (const field of ['start', 'end', 'foundAt'])
        assert.equal(isFinding({ ...known, [field]: time }), false, `${field} ${time}`)
      assert.equal(isFinding({ ...known, evidence: [{ ...known.evidence[0], time }] }), false, `${time}`)
    }
  })
})
