import assert from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { PARSERS } from '../collector/registry.ts'
import { asJson, parserFixtures } from './parser-fixtures.ts'
import { rawRecord, testContext } from './raw-record.ts'

/** Golden files: `UPDATE=1` writes what the parsers return, and the difference is reviewed like code. */
const isUpdate = process.env['UPDATE'] === '1'

for (const parser of PARSERS) {
  describe(`parser ${parser.name}`, () => {
    for (const fixture of parserFixtures(parser)) {
      it(fixture.name.replaceAll('-', ' '), () => {
        const outcome = asJson(parser.parse(rawRecord(fixture.bytes, parser.framing), testContext()))
        if (isUpdate) writeFileSync(fixture.expectedFile, `${JSON.stringify(outcome, undefined, 2)}\n`)
        assert.ok(existsSync(fixture.expectedFile), `run with UPDATE=1 to write ${fixture.expectedFile}`)
        assert.deepEqual(outcome, JSON.parse(readFileSync(fixture.expectedFile, 'utf8')))
      })
    }
  })
}
