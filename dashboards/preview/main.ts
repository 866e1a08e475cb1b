import { readFileSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { startPrometheus } from '../../test/servers/prometheus.ts'
import { askPrometheus } from './ask.ts'
import { type DemoRun, startDemo } from './demo-run.ts'
import { renderPreview } from './render.ts'

// `node dashboards/preview/main.ts`: plays the demo with a real Prometheus beside it, acknowledges one incident, and
// draws the dashboards of the README. It takes two minutes.

/**
 * Seconds from the end of the learned history to where each picture begins: the overview just before the attack, the
 * credentials within the history, in which they rotate, the others when the history is out of their rates, beside which
 * nothing else would be seen.
 */
const PICTURES = { 'security-overview': -3, credentials: -12, 'pipeline-health': 4, 'paging-health': 4 }
const LIVE_MS = 45_000

const demo = await startDemo()
const prometheus = await startPrometheus({ targets: [demo.metrics] })
try {
  await demo.said('learned ')
  const learnedAt = Date.now() / 1000
  await demo.said('the attack is over')
  await acknowledgeOne(demo)
  await sleep(LIVE_MS)
  const end = Date.now() / 1000
  for (const [name, lead] of Object.entries(PICTURES)) {
    const dashboard = JSON.parse(readFileSync(`dashboards/${name}.json`, 'utf8'))
    const start = learnedAt + lead
    const setup = { prometheus: prometheus.url, start, end, stepSeconds: 1, coarseStepSeconds: 3 }
    const path = `docs/pictures/dashboard-${name}.svg`
    writeFileSync(path, renderPreview(dashboard, await askPrometheus(dashboard, setup)))
    console.log(path)
  }
} finally {
  await prometheus.stop()
  await demo.stop()
}

async function acknowledgeOne({ api }: DemoRun): Promise<void> {
  const response = await fetch(`${api}/v1/incidents?state=open`)
  const { incidents } = (await response.json()) as { readonly incidents: readonly { readonly id: string }[] }
  await fetch(`${api}/v1/incidents/${incidents[0].id}/acknowledge`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'if-match': '*' },
    body: '{}',
  })
}
