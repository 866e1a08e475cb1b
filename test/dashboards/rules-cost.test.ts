import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, describe, test } from 'node:test'
import { CATALOGUE, type MetricDeclaration } from '../../io/metric-catalogue.ts'
import { eventually } from '../run-process.ts'
import { without } from '../servers/availability.ts'
import { startPrometheus } from '../servers/prometheus.ts'
import { RULES_FILE } from './rules-file.ts'

/** Processes that are scraped, and the most series that each may have. */
const PROCESSES = 5
const SERIES = 2000

/** As many series of every metric, so that every rule has something to do. */
function exposition(): string {
  const each = Math.floor(SERIES / CATALOGUE.length)
  return (CATALOGUE as readonly MetricDeclaration[])
    .filter(({ type }) => type !== 'histogram')
    .flatMap(({ name, labels }) => {
      const [label = 'one'] = Object.keys(labels).toReversed()
      return Array.from({ length: each }, (_, at) => `meshwatch_${name}{${label}="value ${at}"} ${at}\n`)
    })
    .join('')
}

interface Evaluated {
  readonly groups: readonly {
    readonly name: string
    readonly evaluationTime: number
    readonly lastEvaluation: string
    readonly rules: readonly { readonly name: string; readonly health: string; readonly lastError?: string }[]
  }[]
}

describe('the whole pack at 10,000 series', { skip: without('prometheus') }, () => {
  const text = exposition()
  const servers = Array.from({ length: PROCESSES }, () =>
    createServer((_, answer) => answer.setHeader('content-type', 'text/plain; version=0.0.4').end(text)),
  )
  after(() => {
    for (const server of servers) {
      server.closeAllConnections()
      server.close()
    }
  })

  test('is evaluated without an error', async (context) => {
    await Promise.all(servers.map((server) => once(server.listen(0, '127.0.0.1'), 'listening')))
    const targets = servers.map((server) => `127.0.0.1:${(server.address() as AddressInfo).port}`)
    const prometheus = await startPrometheus({ targets, rules: [`${process.cwd()}/${RULES_FILE}`] })
    try {
      const ask = async (path: string) =>
        ((await (await fetch(`${prometheus.url}/api/v1/${path}`)).json()) as { data: never }).data
      const count = encodeURIComponent('count({job="meshwatch"})')
      await eventually(async () => {
        const { result }: { result: { value: [number, string] }[] } = await ask(`query?query=${count}`)
        return Number(result[0]?.value[1]) > 0.8 * PROCESSES * SERIES ? true : undefined
      })
      const seenAt = Date.now()
      const { groups } = await eventually(async () => {
        const answer: Evaluated = await ask('rules')
        return answer.groups.every(({ lastEvaluation }) => Date.parse(lastEvaluation) > seenAt + 1000)
          ? answer
          : undefined
      })
      for (const { rules } of groups)
        for (const { name, health, lastError } of rules) assert.equal(health, 'ok', `${name}: ${lastError}`)
      const ms = groups.reduce((sum, { evaluationTime }) => sum + evaluationTime * 1000, 0)
      context.diagnostic(`evaluated in ${ms.toFixed(1)} ms (bar: 200 ms)`)
    } finally {
      await prometheus.stop()
    }
  })
})
