import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { describe, test } from 'node:test'
import { type Admin, Kafka as Client, type KafkaConfig, logLevel } from 'kafkajs'
import { SELF_SIGNED } from '../io/self-signed.ts'
import { without } from './availability.ts'
import { startKafka } from './kafka.ts'
import { KAFKA_USER } from './kafka-files.ts'
import { accepts } from './ready.ts'

const client = (config: Omit<KafkaConfig, 'logLevel'>): Client =>
  new Client({ ...config, logLevel: logLevel.NOTHING })

/** Connects, does something, and disconnects. */
async function withAdmin<Result>(from: Client, use: (admin: Admin) => Promise<Result>): Promise<Result> {
  const admin = from.admin()
  try {
    await admin.connect()
    return await use(admin)
  } finally {
    await admin.disconnect()
  }
}

async function send(from: Client, topic: string, value: string): Promise<void> {
  const producer = from.producer()
  await producer.connect()
  await producer.send({ topic, acks: -1, messages: [{ value }] })
  await producer.disconnect()
}

/** @returns the first `count` values of a topic */
async function read(from: Client, topic: string, count: number): Promise<readonly string[]> {
  const consumer = from.consumer({ groupId: `readers-of-${topic}` })
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  const values: string[] = []
  await new Promise<void>((resolve, reject) => {
    consumer.on('consumer.crash', ({ payload }) => !payload.restart && reject(payload.error))
    const eachMessage = async ({ message }: { message: { value: Buffer | null } }): Promise<void> => {
      if (values.push(String(message.value)) === count) resolve()
    }
    consumer.run({ eachMessage }).catch(reject)
  })
  await consumer.disconnect()
  return values
}

describe('Kafka', { skip: without('kafka') }, () => {
  test('one broker keeps its records over a kill, and nothing after its end', async () => {
    const kafka = await startKafka()
    const [broker] = kafka.brokers
    assert.deepEqual(kafka.bootstrap, [`127.0.0.1:${broker.port}`])
    const from = client({ brokers: [...kafka.bootstrap] })
    await withAdmin(from, (admin) => admin.createTopics({ topics: [{ topic: 'letters' }] }))
    await send(from, 'letters', 'a')
    await broker.kill()
    await assert.rejects(accepts(broker.port))
    await broker.start()
    await send(from, 'letters', 'b')
    assert.deepEqual(await read(from, 'letters', 2), ['a', 'b'])
    await kafka.stop()
    await assert.rejects(accepts(broker.port))
    assert.throws(broker.pid)
    assert.ok(!existsSync(dirname(broker.log)))
  })

  test('three brokers copy what they hold, and let in who may', async (t) => {
    const kafka = await startKafka({ brokers: 3, certificate: SELF_SIGNED })
    t.after(kafka.stop)
    const from = client({ brokers: [...kafka.bootstrap] })
    const [{ partitions }] = await withAdmin(from, async (admin) => {
      await admin.createTopics({ topics: [{ topic: 'copied' }] })
      return (await admin.fetchTopicMetadata({ topics: ['copied'] })).topics
    })
    assert.deepEqual(
      partitions.map(({ replicas }) => replicas.toSorted()),
      [[1, 2, 3]],
    )
    await send(from, 'copied', 'a')
    await logInEverywhere(kafka.bootstraps)
  })
})

type Bootstraps = Awaited<ReturnType<typeof startKafka>>['bootstraps']

async function logInEverywhere({ sasl = [], tls = [], saslTls = [] }: Bootstraps): Promise<void> {
  const ssl = { ca: [SELF_SIGNED.cert] }
  const retry = { retries: 0 }
  // kafkajs keeps its authenticator in the object that it is given: a new one each time.
  const scram = (password = KAFKA_USER.password) =>
    ({ ...KAFKA_USER, mechanism: 'scram-sha-256', password }) as const
  const token = {
    mechanism: 'oauthbearer',
    oauthBearerProvider: async () => ({ value: unsigned() }),
  } as const
  const brokersSeen = (config: Omit<KafkaConfig, 'logLevel'>): Promise<number> =>
    withAdmin(client({ ...config, retry }), async (admin) => (await admin.describeCluster()).brokers.length)
  assert.equal(await brokersSeen({ brokers: [...sasl], sasl: scram() }), 3)
  assert.equal(await brokersSeen({ brokers: [...sasl], sasl: token }), 3)
  assert.equal(await brokersSeen({ brokers: [...tls], ssl }), 3)
  assert.equal(
    await brokersSeen({ brokers: [...saslTls], ssl, sasl: { ...scram(), mechanism: 'scram-sha-512' } }),
    3,
  )
  await assert.rejects(brokersSeen({ brokers: [...sasl], sasl: scram('guessed') }), /invalid credentials/)
  await assert.rejects(brokersSeen({ brokers: [...tls], ssl: true }), /self-signed/)
}

/** A token of RFC 7515, appendix A.5, without a signature. */
function unsigned(): string {
  const iat = Math.floor(Date.now() / 1000)
  const parts = [{ alg: 'none' }, { sub: 'somebody', iat, exp: iat + 600 }]
  return `${parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')}.`
}
