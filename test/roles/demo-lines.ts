import { generate } from '../../demo/generate.ts'
import { ATTACK_MS } from '../../demo/plan.ts'
import { CA_SOURCE } from '../../demo/shop.ts'
import type { Scenario } from './scenario.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** A Monday. */
const START = Date.UTC(2026, 2, 2)
/** Long enough for every window of the attack to close; a little into a minute, so that no window closes soon after. */
const AFTERWARDS_MS = 2 * HOUR_MS + 5000
const PARTITIONS = 4

/** The shop of the demo with its two logs: days of history, then the attack. */
export interface DemoScenario extends Scenario {
  readonly attackStart: number
}

export function demoLines(seed: number, days: number): DemoScenario {
  const attackStart = START + days * DAY_MS
  const end = attackStart + ATTACK_MS + AFTERWARDS_MS
  return {
    attackStart,
    end: end - 2 * 60_000,
    logs: [
      { name: 'ca', format: 'step-ca', partitions: 1, keyOf: () => '' },
      { name: 'mesh', format: 'envoy-json', partitions: PARTITIONS, keyOf: callerIn },
    ],
    *lines() {
      for (const { source, line } of generate({ seed, start: START, end, attackStart }))
        yield { log: source === CA_SOURCE ? 'ca' : 'mesh', line }
    },
  }
}

function callerIn(line: string): string {
  return /"downstream_peer_uri_san":"([^"]*)"/.exec(line)?.[1] ?? ''
}
