import assert from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { detectors } from '../analyzer/registry.ts'
import { detectorFixtures, toldOf } from './analyzer/detector-fixture.ts'
import { play } from './analyzer/play.ts'
import { memorySource } from './memory-source.ts'

/** Golden files: `UPDATE=1` writes what is found inside the alert budget; review the difference like code. */
const isUpdate = process.env['UPDATE'] === '1'

for (const { name: detector } of detectors) {
  describe(`detector ${detector}`, () => {
    for (const { name, lines, judgeFrom, expectedFile } of detectorFixtures(detector)) {
      it(name.replaceAll('-', ' '), async () => {
        const { findings } = await play([memorySource('log', lines)])
        const found = findings.filter(({ start, withinBudget }) => withinBudget && start >= judgeFrom)
        const opening = found.filter((finding) => finding.opens && finding.detector === detector)
        assert.equal(opening.length > 0, name.startsWith('hit-'), opening.map(({ text }) => text).join('\n'))
        const told = JSON.parse(JSON.stringify(toldOf(found)))
        if (isUpdate) writeFileSync(expectedFile, `${JSON.stringify(told, undefined, 2)}\n`)
        assert.ok(existsSync(expectedFile), `run with UPDATE=1 to write ${expectedFile}`)
        assert.deepEqual(told, JSON.parse(readFileSync(expectedFile, 'utf8')))
      })
    }
  })
}
