import { testClient } from '../../io/kafka-log.ts'

/** `node alone.ts BROKERS TOPIC RECORDS`: kafkajs with `JSON.parse`, and nothing else. Prints its milliseconds. */

const [brokers, topic, records] = process.argv.slice(2)
const client = testClient(brokers.split(','))
const consumer = client.consumer({ groupId: `alone-${process.pid}`, maxWaitTimeInMs: 100 })
const { promise, resolve } = Promise.withResolvers<void>()
let startedAt = 0
let count = 0
let checksum = 0
consumer.on(consumer.events.GROUP_JOIN, () => {
  startedAt = performance.now()
})
await consumer.connect()
await consumer.subscribe({ topic, fromBeginning: true })
await consumer.run({
  autoCommit: false,
  eachBatch: async ({ batch }) => {
    for (const { value } of batch.messages) checksum += JSON.parse(String(value)).bytes_sent
    count += batch.messages.length
    if (count >= Number(records)) resolve()
  },
})
await promise
const tookMs = performance.now() - startedAt
if (checksum === 0) throw new Error('nothing was read')
const { user, system } = process.cpuUsage()
console.log(JSON.stringify({ tookMs, cpuSeconds: (user + system) / 1e6 }))
await consumer.disconnect()
