import assert from 'node:assert/strict'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { join } from 'node:path'
import { json } from 'node:stream/consumers'
import { describe, test } from 'node:test'
import { without } from './availability.ts'
import { removeFolder, serverFolder } from './leave-nothing.ts'
import { startAlertmanager, startPrometheus } from './prometheus.ts'

const RULES = `groups:
  - name: test
    rules: [{ alert: TooWarm, expr: degrees > 30 }]
`

/** A server on a free port. @returns its `host:port` */
async function listen(server: Server): Promise<string> {
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const address = server.address()
  assert.ok(typeof address === 'object' && address !== null)
  return `127.0.0.1:${address.port}`
}

describe('Prometheus and Alertmanager', { skip: without('prometheus', 'alertmanager') }, () => {
  test('what is scraped is alerted, and nothing is left at the end', async () => {
    const metrics = createServer((_, reply) => reply.end('degrees 31\n'))
    const webhook = createServer()
    const folder = serverFolder('rules')
    const rules = join(folder, 'rules.yml')
    writeFileSync(rules, RULES)
    const alertmanager = await startAlertmanager(`http://${await listen(webhook)}/`)
    const targets = [await listen(metrics)]
    const posted = once(webhook, 'request')
    const prometheus = await startPrometheus({ targets, rules: [rules], alertmanager: alertmanager.address })

    const [request, reply] = await posted
    const body = (await json(request)) as { alerts: { status: string; labels: Record<string, string> }[] }
    reply.end()
    assert.deepEqual(
      body.alerts.map(({ status, labels }) => [status, labels['alertname'], labels['instance']]),
      [['firing', 'TooWarm', targets[0]]],
    )

    for (const server of [prometheus, alertmanager]) {
      await server.stop()
      assert.throws(server.pid)
      await assert.rejects(fetch(server.url))
    }
    metrics.close()
    webhook.close()
    removeFolder(folder)
  })
})
