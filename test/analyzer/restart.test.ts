import assert from 'node:assert/strict'
import { it } from 'node:test'
import { openEngines } from '../../cli/engines.ts'
import { analyze } from '../../cli/pipeline.ts'
import { collect } from '../../collector/collect.ts'
import type { Position } from '../../domain/coordinate.ts'
import type { Finding } from '../../domain/finding.ts'
import { memorySource } from '../memory-source.ts'
import { dump } from './dump.ts'
import { collectorOf, configOf } from './play.ts'
import { scenarioLines } from './scenario.ts'

/** What a collector packs into one batch depends on when it was started; what is learned and found must not. */

const lines = scenarioLines()
const logs = Map.groupBy(lines, ({ source }) => source)

/** The scenario, by a new collector after each of the lines in `cuts`, each reading on where the last one stopped. */
async function playInParts(cuts: readonly number[]) {
  const config = configOf()
  const engines = openEngines(config)
  const findings: Finding[] = []
  const positions = new Map<string, Position>()
  for (const cut of [...cuts, lines.length]) {
    const until = lines[cut]?.time ?? Number.POSITIVE_INFINITY
    const sources = [...logs].map(([name, log]) => {
      const written = log.filter(({ time }) => time < until).map(({ line }) => line)
      return memorySource(name, written, { from: positions.get(name) })
    })
    const collector = collectorOf(sources, config)
    for (let round = await collect(collector); round !== undefined; round = await collect(collector)) {
      for (const position of round.batches[0].positions) positions.set(position.source, position)
      findings.push(...analyze({ collector, engines }, round))
    }
  }
  return { findings, remembered: dump(engines[0]) }
}

it('learns and finds the same whenever the collector starts anew', async () => {
  const whole = await playInParts([])
  const parts = await playInParts([1, 20_000, 33_333, 51_234])
  assert.deepEqual(parts.findings, whole.findings)
  assert.deepEqual(parts.remembered, whole.remembered)
})
