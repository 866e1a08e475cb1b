import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createServer } from 'node:net'
import { afterEach, describe, test } from 'node:test'
import { without } from './availability.ts'
import { freePorts } from './free-ports.ts'
import { kafkaForTests, SHARED_KAFKA } from './kafka-for-tests.ts'
import { removeFolder, serverFolder } from './leave-nothing.ts'
import { serverProcess } from './process.ts'
import { accepts, until } from './ready.ts'
import { runQuietly } from './run-quietly.ts'

/** @returns whether a process of this id lives */
function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

test('free ports are given once, and none that somebody listens on', async () => {
  const [first] = await freePorts(1)
  const server = createServer().listen(first + 1, '127.0.0.1')
  await once(server, 'listening')
  const [second, third] = await freePorts(2)
  assert.ok(second > first + 1 && third > second, `${first}, ${second}, ${third}`)
  server.close()
})

test('a command that fails says what it printed', async () => {
  await runQuietly([process.execPath, '-e', ''])
  await assert.rejects(
    runQuietly([process.execPath, '-e', 'console.log("of no use"); process.exit(3)']),
    /^Error: node failed with 3: of no use$/,
  )
})

describe('a server process', () => {
  const folder = serverFolder('process')
  test.after(() => removeFolder(folder))
  const launch = (code: string, isReady: () => Promise<boolean>) =>
    serverProcess({ name: 'node', folder, command: [process.execPath, '-e', code], isReady })

  test('that ends before it is ready is an error with its last words', async () => {
    const lost = launch('console.error("port is taken")', async () => false)
    await assert.rejects(lost.start(), /node ended before it was ready; its log ends with:\nport is taken/)
    assert.throws(lost.pid)
  })

  test('that cannot be started is an error', async () => {
    const none = serverProcess({ name: 'none', folder, command: ['/none'], isReady: async () => false })
    await assert.rejects(none.start())
  })

  test('is killed and started again', async () => {
    const [port] = await freePorts(1)
    const code = `require('node:net').createServer().listen(${port}, '127.0.0.1')`
    const server = launch(code, () => accepts(port))
    for (const end of [server.kill, server.stop]) {
      await server.start()
      const pid = server.pid()
      await assert.rejects(server.start(), /node runs already/)
      await end()
      assert.ok(!isAlive(pid))
      await assert.rejects(accepts(port))
    }
  })
})

describe('servers that nobody stopped', { skip: without('redis') }, () => {
  /** A process that starts a Redis and then does what `last` says. @returns process id and folder of the Redis */
  async function startAndLeave(last: string): Promise<{ pid: number; folder: string }> {
    const module = new URL('redis.ts', import.meta.url)
    const code = `const { startRedis } = await import('${module}'); const redis = await startRedis()
      process.stdout.write(JSON.stringify({ pid: redis.pid(), log: redis.log }), () => { ${last} })`
    const child = spawn(process.execPath, ['--input-type=module', '-e', code])
    let printed = ''
    child.stdout.on('data', (text) => {
      printed += text
    })
    await once(child, 'close')
    const { pid, log } = JSON.parse(printed)
    return { pid, folder: log.slice(0, log.lastIndexOf('/')) }
  }

  for (const last of ['', 'throw new Error()', "process.kill(process.pid, 'SIGTERM')"]) {
    test(`end with the process that started them, and what they wrote is gone: ${last || 'it is done'}`, async () => {
      const { pid, folder } = await startAndLeave(last)
      await until('Redis has ended', async () => !isAlive(pid))
      assert.ok(!existsSync(folder))
    })
  }

  test('end even when it was killed', { skip: process.platform !== 'linux' }, async () => {
    const { pid, folder } = await startAndLeave("process.kill(process.pid, 'SIGKILL')")
    await until('Redis has ended', async () => !isAlive(pid))
    removeFolder(folder)
  })
})

describe('a server that cannot be had', () => {
  const before = { ...process.env }
  afterEach(() => {
    for (const name of ['PATH', 'CI', 'MESHWATCH_REQUIRE_SERVERS', SHARED_KAFKA]) {
      if (before[name] === undefined) delete process.env[name]
      else process.env[name] = before[name]
    }
  })
  const lackAll = (): void => {
    for (const name of ['CI', 'MESHWATCH_REQUIRE_SERVERS']) delete process.env[name]
    process.env['PATH'] = ''
  }

  test('skips a suite, which says what it needs and why', () => {
    lackAll()
    const why =
      'needs kafka: no java in PATH; redis: no redis-server in PATH (node test/servers/main.ts obtain)'
    assert.equal(without('kafka', 'redis'), why)
    assert.equal(without(), false)
  })

  test('is an error where servers are required', () => {
    for (const [name, value] of [
      ['CI', 'true'],
      ['MESHWATCH_REQUIRE_SERVERS', '1'],
    ]) {
      lackAll()
      process.env[name] = value
      assert.throws(() => without('prometheus'), /required, but not here: prometheus: no prometheus in PATH/)
    }
  })

  test('a broker that is shared is not started again', async () => {
    lackAll()
    process.env[SHARED_KAFKA] = '127.0.0.1:1,127.0.0.1:2'
    const kafka = await kafkaForTests()
    assert.deepEqual(kafka.bootstrap, ['127.0.0.1:1', '127.0.0.1:2'])
    assert.equal(kafka.prefix, `servers-${process.pid}.`)
    delete process.env[SHARED_KAFKA]
    await assert.rejects(kafkaForTests(), /no java in PATH/)
  })
})
