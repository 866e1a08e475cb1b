import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { parse } from 'yaml'
import { generatedFiles } from '../../dashboards/dashboards.ts'

const files = generatedFiles()

for (const { path, text } of files) {
  test(`${path} is what "node dashboards/generate.ts" writes`, () =>
    assert.equal(readFileSync(path, 'utf8'), text))
}

test('every JSON file of the dashboards is generated', () => {
  assert.deepEqual(globSync('dashboards/**/*.json').sort(), files.map(({ path }) => path).sort())
})

test('the compose file puts the dashboards where the provider reads them, and gives it one Prometheus', () => {
  const compose = parse(readFileSync('docker-compose.yml', 'utf8'))
  const mounts = (compose.services.grafana.volumes as string[]).map((volume) => volume.split(':'))
  const targetOf = (source: string) => mounts.find(([from]) => from === source)?.[1]
  const folder = 'deploy/compose/grafana/provisioning'
  const { providers } = parse(readFileSync(`${folder}/dashboards/meshwatch.yaml`, 'utf8'))
  const { datasources } = parse(readFileSync(`${folder}/datasources/prometheus.yaml`, 'utf8'))
  assert.equal(providers[0].options.path, targetOf('./dashboards'))
  assert.equal(targetOf(`./${folder}`), '/etc/grafana/provisioning')
  assert.equal(datasources.length, 1)
  assert.ok(datasources[0].type === 'prometheus' && datasources[0].isDefault)
})
