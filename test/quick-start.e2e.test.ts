import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { blocksOf } from './markdown.ts'
import {
  endProcesses,
  eventually,
  FREE_PORTS,
  type RunProcess,
  runFolder,
  startProcess,
} from './run-process.ts'

/** docs/quick-start.md as a stranger types it, but for the ports. */

const PAGE = 'docs/quick-start.md'
const LOG = 'test/fixtures/captures/envoy/inbound-ledger-2.jsonl'
const MAIN = new URL('../bin/meshwatch.js', import.meta.url).pathname

interface Coverage {
  readonly sources: readonly { readonly records: number }[]
  readonly detectors: readonly { readonly canEvaluate: boolean }[]
}

const firstBlock = (language: string): string => blocksOf(PAGE, language)[0].text

/** The command of the page that has this in it, with the command of the checkout. */
function commandWith(part: string): string {
  const lines = blocksOf(PAGE, 'console').flatMap(({ text }) => text.split('\n'))
  const line = lines.find((each) => each.startsWith('$ ') && each.includes(part))
  return (line ?? assert.fail(part)).slice(2).replaceAll('npx meshwatch', `${process.execPath} ${MAIN}`)
}

const shell = (folder: string, command: string): string =>
  execFileSync('bash', ['-c', command], {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  })

/** Who sends sooner than a person types is told of the connection before the last one. */
const anyConnection = (text: string): string => text.replace(/opened at \S+ \S+ UTC/, 'opened')

/** Starts the receiver of the page on a free port. */
async function startReceiver(folder: string) {
  const ready = `function () { console.log('port', this.address().port) }`
  writeFileSync(
    join(folder, 'receiver.mjs'),
    firstBlock('js').replace(`.listen(9999, '127.0.0.1')`, `.listen(0, '127.0.0.1', ${ready})`),
  )
  const child = spawn(process.execPath, ['receiver.mjs'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let printed = ''
  child.stdout.on('data', (text) => {
    printed += text
  })
  const port = await eventually(() => /^port (\d+)$/m.exec(printed)?.[1])
  return { port, printed: () => printed, child }
}

describe('the quick start', () => {
  let folder: string
  let receiver: Awaited<ReturnType<typeof startReceiver>>
  let run: RunProcess

  before(async () => {
    folder = runFolder()
    copyFileSync(LOG, join(folder, 'access.log'))
    shell(folder, commandWith('> pager.secret'))
    receiver = await startReceiver(folder)
    const yaml = firstBlock('yaml').replace('9999', receiver.port)
    writeFileSync(join(folder, 'meshwatch.yaml'), `${FREE_PORTS}intake: { port: 0 }\n${yaml}`)
    run = startProcess(folder)
  })

  after(async () => {
    receiver.child.kill()
    endProcesses()
    await Promise.all([once(receiver.child, 'close'), run.ended])
  })

  it('replays the log, and shows what is printed then', () => {
    const command = `${process.execPath} ${MAIN} replay access.log 2>&1`
    const withoutSpeed = (text: string) => text.replace(/in [\d.]+ s \(\d+ lines\/s\)/, '')
    const shown = blocksOf(PAGE, 'console').find(({ text }) => text.includes('replay access.log\n'))!.text
    assert.equal(withoutSpeed(shown.replace(/^.*\n/, '')), withoutSpeed(shell(folder, command)))
  })

  it('says which detector lacks what', async () => {
    const { api } = await run.said('watching')
    const blind = await eventually(async () => {
      const coverage = (await (await fetch(`${api}/v1/coverage`)).json()) as Coverage
      return coverage.sources[0]?.records === 62 ? coverage.detectors : undefined
    })
    assert.deepEqual(
      blind.filter(({ canEvaluate }) => !canEvaluate),
      [{ detector: 'revoked-credential', canEvaluate: false, lacks: ['revocation'] }],
    )
  })

  it('pages about a call of the log, with a signature that the receiver accepts', async () => {
    const { intake } = await run.said('watching')
    shell(folder, commandWith('--emit events access.log'))
    assert.match(readFileSync(join(folder, 'test.jsonl'), 'utf8'), /^\{"kind":"lifecycle".*\}\}\n$/)
    const send = commandWith('--data-binary @test.jsonl').replace('http://127.0.0.1:8600', String(intake))
    assert.equal(shell(folder, send), '{"accepted":1}')
    const page = await eventually(() => /^PAGE .*\n.*\n.*$/m.exec(receiver.printed())?.[0])
    assert.equal(anyConnection(`${page}\n`), anyConnection(firstBlock('text')))
  })
})
