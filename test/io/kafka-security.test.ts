import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { KafkaConfig } from '../../domain/config/kafka.ts'
import { type KafkaClient, openKafka } from '../../io/kafka.ts'
import { openProducer } from '../../io/kafka-producer.ts'
import { without } from '../servers/availability.ts'
import { writeCertificate } from '../servers/certificate.ts'
import { type Kafka, startKafka } from '../servers/kafka.ts'
import { KAFKA_USER } from '../servers/kafka-files.ts'
import type { ListenerName } from '../servers/kafka-properties.ts'
import { eventually, kafkaConfig, makeTopic, testClient, textRecord, wholeLog } from './kafka-log.ts'
import { SELF_SIGNED } from './self-signed.ts'

/** A token without a signature, as the broker of these tests takes it. */
function unsignedToken(subject: string): string {
  const part = (it: object) => Buffer.from(JSON.stringify(it)).toString('base64url')
  const now = Math.floor(Date.now() / 1000)
  return `${part({ alg: 'none' })}.${part({ sub: subject, iat: now, exp: now + 3600 })}.`
}

describe('brokers that ask who is there', { skip: without('kafka') }, () => {
  let kafka: Kafka
  let folder: string
  let caFile: string
  let endpoint: Server
  const asked: { authorization: string | undefined; body: string }[] = []
  const lines: string[] = []
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'meshwatch-sasl-'))
    caFile = join(folder, 'ca.pem')
    writeFileSync(caFile, SELF_SIGNED.cert)
    writeFileSync(join(folder, 'password'), `${KAFKA_USER.password}\n`)
    writeFileSync(join(folder, 'token'), unsignedToken('from-file'))
    endpoint = createServer((request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk) => chunks.push(chunk))
      request.on('end', () => {
        asked.push({ authorization: request.headers.authorization, body: String(Buffer.concat(chunks)) })
        response.end(JSON.stringify({ access_token: unsignedToken('from-endpoint'), expires_in: 3600 }))
      })
    })
    await new Promise<void>((resolve) => endpoint.listen(0, '127.0.0.1', resolve))
    kafka = await startKafka({ certificate: SELF_SIGNED })
    await makeTopic(testClient(kafka.bootstrap), 'safe')
  })
  after(async () => {
    endpoint.close()
    rmSync(folder, { recursive: true })
    await kafka.stop()
  })

  function clientOf(listener: ListenerName, more: Partial<KafkaConfig>): KafkaClient {
    const keep = (fields: object, message: string) => void lines.push(`${message} ${JSON.stringify(fields)}`)
    const config = { ...kafkaConfig(kafka.bootstraps[listener]!), ...more }
    return openKafka(config, {
      log: { debug: keep, warn: keep, error: keep },
      environment: { SECRET: 's3cret&=' },
    })
  }
  const password = () => ({ file: join(folder, 'password') })
  const login = (mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512') =>
    ({ mechanism, username: KAFKA_USER.username, password: password() }) as const

  async function exchange(client: KafkaClient, text: string): Promise<void> {
    const producer = openProducer(client)
    await producer.append('safe', 0, [textRecord(text)])
    await producer.close()
    assert.ok((await wholeLog(client, 'safe')).some(({ value }) => value === text))
  }

  test('SCRAM over TLS, both lengths', async () => {
    await exchange(clientOf('saslTls', { tls: { caFile }, sasl: login('scram-sha-512') }), 'scram-512')
    await exchange(clientOf('saslTls', { tls: { caFile }, sasl: login('scram-sha-256') }), 'scram-256')
  })

  test('PLAIN over TLS', () =>
    exchange(clientOf('saslTls', { tls: { caFile }, sasl: login('plain') }), 'plain'))

  test('TLS alone', () => exchange(clientOf('tls', { tls: { caFile } }), 'tls'))

  test('TLS with a certificate of our own', async () => {
    const { cert: certFile, key: keyFile } = writeCertificate(SELF_SIGNED, folder)
    await exchange(clientOf('mutualTls', { tls: { caFile, certFile, keyFile } }), 'mutual')
  })

  test('a token from a file', () =>
    exchange(
      clientOf('sasl', { sasl: { mechanism: 'oauthbearer', token: { file: join(folder, 'token') } } }),
      'token file',
    ))

  test('a token from an endpoint', async () => {
    const address = `http://127.0.0.1:${(endpoint.address() as AddressInfo).port}/token`
    const token = {
      endpoint: address,
      clientId: 'mesh watch',
      clientSecret: { env: 'SECRET' },
      scope: 'kafka',
    }
    await exchange(clientOf('sasl', { sasl: { mechanism: 'oauthbearer', token } }), 'token endpoint')
    assert.deepEqual(asked[0], {
      authorization: `Basic ${Buffer.from('mesh%20watch:s3cret%26%3D').toString('base64')}`,
      body: 'grant_type=client_credentials&scope=kafka',
    })
  })

  test('another certificate, a wrong password, no certificate of our own: told, and not given up', async () => {
    const wrong = {
      mechanism: 'scram-sha-512',
      username: KAFKA_USER.username,
      password: { env: 'SECRET' },
    } as const
    const unknown = { ...wrong, mechanism: 'plain', username: 'nobody' } as const
    for (const [client, why] of [
      [clientOf('tls', { tls: {} }), /self-signed certificate/],
      [clientOf('sasl', { sasl: wrong }), /authentication failed/i],
      [clientOf('sasl', { sasl: unknown }), /authentication failed/i],
      [clientOf('mutualTls', { tls: { caFile } }), /alert bad certificate/],
    ] as const) {
      const troubles: unknown[] = []
      const producer = openProducer(client, { trouble: (it) => troubles.push(it?.error) })
      const appended = producer.append('safe', 0, [textRecord('never')])
      await eventually(() => troubles.length > 1, 'trouble is told')
      assert.match(String(troubles[0]), why)
      await producer.close()
      await assert.rejects(appended, { code: 'kafka-stopped' })
    }
  })

  test('no secret is in any line of the log', () => {
    assert.ok(lines.length > 10)
    const text = lines.join('\n')
    for (const secret of [KAFKA_USER.password, 's3cret', unsignedToken('x').slice(0, 20)])
      assert.ok(!text.includes(secret), secret)
  })
})
