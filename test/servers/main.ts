import { startKafka } from './kafka.ts'
import { obtainServers } from './obtain.ts'
import { startAlertmanager, startPrometheus } from './prometheus.ts'
import { startRedis } from './redis.ts'

/**
 * For a developer: `node test/servers/main.ts obtain` gets the servers that tests need, `… up` starts one of each on
 * free ports, says where they are, and stops them at Ctrl-C.
 */
const [verb] = process.argv.slice(2)
if (verb !== 'obtain' && verb !== 'up') {
  console.error('usage: node test/servers/main.ts obtain|up')
  process.exit(2)
}
const isComplete = await obtainServers()
if (!isComplete) process.exitCode = 1
if (verb === 'up' && isComplete) await up()

async function up(): Promise<void> {
  const alertmanager = await startAlertmanager('http://127.0.0.1:9')
  const [kafka, redis, prometheus] = await Promise.all([
    startKafka(),
    startRedis(),
    startPrometheus({ alertmanager: alertmanager.address }),
  ])
  console.log(`kafka         ${kafka.bootstrap.join(',')}`)
  console.log(`redis         ${redis.url}`)
  console.log(`prometheus    ${prometheus.url}`)
  console.log(`alertmanager  ${alertmanager.url}`)
  console.log('until Ctrl-C')
  // They end with this process, but do not keep it alive.
  setInterval(() => {}, 60_000)
}
