import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'

const MODULE = new URL('../cli/stop-on-signal.ts', import.meta.url).href

/** A program that lives until it is told to stop, and then does `stop`. @returns its exit code and what it said */
async function told(stop: string, deadlineMs: number): Promise<{ code: unknown; said: string }> {
  const program = `import { stopOnSignal } from '${MODULE}'
const broken = Promise.withResolvers()
const say = (error) => console.error('meshwatch: ' + error.message)
broken.promise.finally(async () => {}).finally(async () => {}).catch(say)
setInterval(() => {}, 1000)
stopOnSignal(() => (${stop}), ${deadlineMs})
console.log('up')`
  const child = spawn(process.execPath, ['--input-type=module', '-e', program])
  let said = ''
  child.stderr.on('data', (text) => (said += text))
  await once(child.stdout, 'data')
  child.kill('SIGTERM')
  const [code] = await once(child, 'close')
  return { code, said }
}

test('who ends in order says nothing more', async () => {
  assert.deepEqual(await told('Promise.resolve()', 60_000), { code: 0, said: '' })
})

test('who does not end in time says so', async () => {
  const { code, said } = await told('new Promise(() => {})', 10)
  assert.equal(code, 1)
  assert.match(
    said,
    /^meshwatch: did not end within 0\.01 s of the signal: ended at once; nothing is lost.*\n$/,
  )
})

test('what broke while it ended is said before it has ended', async () => {
  const { code, said } = await told("broken.reject(new Error('the disk is full')), broken.promise", 60_000)
  assert.deepEqual({ code, said }, { code: 1, said: 'meshwatch: the disk is full\n' })
})
