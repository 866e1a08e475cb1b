import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { endProcesses, eventually, runFolder, startProcess } from './run-process.ts'

after(endProcesses)

test('meshwatch demo --once raises the planted incidents and no other', async () => {
  const demo = startProcess(runFolder(), ['demo', '--once', '--seed', '1'])
  const code = await demo.ended
  const screen = demo.stdout()
  assert.equal(code, 0, `${screen}\n${demo.stderr()}`)
  const count = (pattern: RegExp) => [...screen.matchAll(pattern)].length
  assert.equal(count(/^INCIDENT (?:medium|high|critical) {2}/gm), 3, screen)
  assert.equal(count(/^ {2}next step {2}\S/gm), count(/^(?:INCIDENT|update|resolved) /gm))
  assert.ok(count(/^ {2}evidence {3}\S+ line \d+$/gm) >= 3)
  assert.equal(count(/^ {2}page received {2}incident\.opened, webhook-id \S+, signature verified$/gm), 3)
  assert.match(screen, /^planted incidents raised: 3 of 3; others raised: 0$/m)
  assert.equal(count(/^ {2}found {6}/gm), 3)
  assert.ok(!screen.includes('\u001b'), 'no colour when piped')
})

test('a demo that is stopped while it learns promises no attack', async () => {
  const demo = startProcess(runFolder(), ['demo'])
  await eventually(() => (demo.stdout().includes('learning') ? true : undefined))
  demo.process.kill('SIGINT')
  assert.equal(await demo.ended, 0)
  assert.doesNotMatch(demo.stdout(), /learned|attack/)
})
