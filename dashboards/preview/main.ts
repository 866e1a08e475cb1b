import { readFileSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { startPrometheus } from '../../test/servers/prometheus.ts'
import { askPrometheus } from './ask.ts'
import { type DemoRun, startDemo } from './demo-run.ts'
import { renderPreview } from './render.ts'

// `node dashboards/preview/main.ts`: plays the demo with a real Prometheus beside it, acknowledges one incident, and
// draws the dashboards of the README. It takes three to four minutes.

const PICTURES = ['security-overview', 'pipeline-health']
/** After the history is learned: what was read then is so much that nothing else would be seen beside it. */
const SETTLE_MS = 4000
const LIVE_MS = 100_000

const demo = await startDemo()
const prometheus = await startPrometheus({ targets: [demo.metrics] })
try {
  await demo.said('learned ')
  const start = (Date.now() + SETTLE_MS) / 1000
  await demo.said('the attack is over')
  await acknowledgeOne(demo)
  await sleep(LIVE_MS)
  const end = Date.now() / 1000
  for (const name of PICTURES) {
    const dashboard = JSON.parse(readFileSync(`dashboards/${name}.json`, 'utf8'))
    const setup = { prometheus: prometheus.url, start, end, stepSeconds: 1, coarseStepSeconds: 5 }
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
