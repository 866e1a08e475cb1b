import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { Value } from 'typebox/value'
import { CHANNELS } from '../../alerter/registry.ts'

const ROOT = 'test/fixtures/channels'

/** What every channel must do, and each case `<name>.json` with the exact request `<name>.request` beside it. */
for (const channel of CHANNELS) {
  const cases = readdirSync(`${ROOT}/${channel.name}`).filter((file) => file.endsWith('.json'))

  test(`channel ${channel.name} has a case, a description and described options`, () => {
    assert.ok(cases.length > 0)
    assert.match(channel.describes, /\w+ \w+/)
    const { properties } = channel.options as { properties?: Record<string, { description?: string }> }
    const options = properties ?? {}
    for (const [name, { description }] of Object.entries(options))
      assert.ok(description, `${name} is described`)
  })

  for (const file of cases) {
    test(`channel ${channel.name}: ${file.replace(/-|\.json$/g, ' ').trim()}`, () => {
      const { notification, options, links } = JSON.parse(
        readFileSync(`${ROOT}/${channel.name}/${file}`, 'utf8'),
      )
      assert.ok(Value.Check(channel.options, options), 'the options fit')
      const input = structuredClone({ notification, options, links })
      const request = channel.render(notification, options, links)
      assert.deepEqual({ notification, options, links }, input, 'the input is left as it is')
      assert.deepEqual(channel.render(notification, options, links), request)
      for (const secret of request.secrets) assert.ok(!request.body.includes(secret))
      assertGolden(`${ROOT}/${channel.name}/${file.replace(/json$/, 'request')}`, requestText(request))
    })
  }
}

function requestText({ url, headers, body }: { url: string; headers: object; body: string }): string {
  const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  return [`POST ${url}`, ...head, '', JSON.stringify(JSON.parse(body), undefined, 2), ''].join('\n')
}

/** Compares with the file; `UPDATE_FIXTURES=1` writes it, to be read in the diff. */
function assertGolden(path: string, text: string): void {
  if (process.env.UPDATE_FIXTURES === '1' || !existsSync(path)) {
    assert.equal(process.env.UPDATE_FIXTURES, '1', `${path} is missing: run with UPDATE_FIXTURES=1`)
    writeFileSync(path, text)
  }
  assert.equal(text, readFileSync(path, 'utf8'))
}
