import type { Committed } from '../../alerter/commit.ts'
import type { Update } from '../../alerter/life.ts'
import { type Alerter, startAlerter } from '../../alerter/main.ts'
import type { Finding } from '../../domain/finding.ts'
import type { IncidentStore } from '../../domain/ports.ts'
import type { TraceContext } from '../../domain/trace.ts'
import { hmacHex, sha256Hex } from '../../io/hash.ts'
import type { TakenBatch } from '../../io/kafka-group.ts'
import type { Redis } from '../../io/redis.ts'
import { withSecrets } from '../../io/secret.ts'
import { hasCode } from '../../io/world-error.ts'
import { furthestBehind } from '../canary.ts'
import { sayGivenUp } from '../given-up.ts'
import { createInFlight, type InFlight } from '../in-flight.ts'
import { incidentFacts } from '../incident-facts.ts'
import { persistent } from '../persist.ts'
import { tracedSend } from '../traced-send.ts'
import { readFindingRecord } from './finding-log.ts'
import { linksOf } from './links.ts'
import { type OwnPartitions, openOwnPartitions } from './own-partitions.ts'
import { type Role, stopped } from './role.ts'
import { openStores } from './stores.ts'

const TURN_EVERY_MS = 1000
/** Without findings the offset is stored so often: a place that retention has passed would look like a loss. */
const PLACE_EVERY_MS = 30_000

/** One findings partition as its alerter has it. */
interface FindingsPartition {
  readonly partition: number
  readonly store: IncidentStore
  readonly alerter: Alerter
  /** Event time that each stream partition has come to. */
  readonly frontiers: Map<number, number>
  /** Canary that came through each stream partition, and through all of them and this alerter, epoch ms. */
  readonly canaries: Map<number, number>
  canary: number
  next: number
  /** When its place was stored last, by `performance.now()`. */
  storedAt: number
  /** Nothing was stored of it. */
  readonly isNew: boolean
  isLost: boolean
}

interface Office {
  readonly role: Role
  readonly redis: Redis
  readonly own: OwnPartitions<FindingsPartition>
  readonly inFlight: InFlight
  readonly persist: <Result>(write: () => Promise<Result>) => Promise<Result>
  readonly fail: (error: unknown) => void
}

/** Makes incidents of findings and tells of them, until stopped. Rejects when it cannot go on. */
export async function runAlerter(role: Role): Promise<void> {
  const persist = persistent(role)
  const redis = await openStores(role, persist)
  const failure = Promise.withResolvers<never>()
  const office: Office = {
    role,
    redis,
    persist,
    fail: failure.reject,
    inFlight: createInFlight(),
    own: openOwnPartitions(role, {
      topic: 'findings',
      claim: (partition, first) => claim(office, partition, first),
      isNew: ({ isNew }) => isNew,
      // The other incidents are whole, and whoever is to be paged next must be.
      whenGone: 'continue',
      take: (at, batch) => take(office, at, batch),
      words: {
        stateGone: 'the incidents of a partition are gone from Redis: findings are taken in anew',
        recordsGone: 'findings were deleted before an alerter had read them',
      },
    }),
  }
  role.watched.circuits = () => office.own.all().flatMap(({ alerter }) => [...alerter.circuits()])
  role.readiness.clear('starting')
  const turns = setInterval(() => turn(office), TURN_EVERY_MS)
  try {
    await Promise.race([office.own.consumer.ended, failure.promise, stopped(role.stop)])
  } finally {
    clearInterval(turns)
    // Before another process has the partitions: what was sent is to be stored as sent.
    await office.inFlight.ended()
    await office.own.consumer.close()
    redis.close()
  }
}

async function claim(
  { role, redis, persist }: Office,
  partition: number,
  first: number,
): Promise<FindingsPartition> {
  const claimed = await persist(() => role.ports.claimIncidents(redis, partition))
  const store = role.meter.stored('incidents', claimed)
  const stored = await persist(() => store.nextFinding())
  const alerter = alerterOver(role, store)
  await persist(() => alerter.forgetRemovedEndpoints())
  const next = stored ?? first
  return {
    partition,
    store,
    alerter,
    frontiers: new Map(),
    canaries: new Map(),
    canary: 0,
    next,
    storedAt: Number.NEGATIVE_INFINITY,
    isNew: stored === undefined,
    isLost: false,
  }
}

/** An alerter over a store of incidents. */
export function alerterOver(role: Role, store: IncidentStore): Alerter {
  const { config, tracer, bearerKey, clock, meter } = role
  const { send, owe } = tracedSend(tracer, meter.timed(role.ports.send))
  const givenUp = sayGivenUp(role.log)
  return startAlerter({
    store,
    send,
    endpoints: config.alerter.endpoints.map((endpoint) => withSecrets(endpoint)),
    options: config.alerter,
    sha256Hex,
    hmacHex: (text) => hmacHex(bearerKey, text),
    clock,
    dice: Math.random,
    onChange: (change) => {
      owe(change.deliveries)
      tell(role, change.updates)
      meter.onChange(change)
    },
    onAttempt: (attempt) => {
      meter.onAttempt(attempt)
      givenUp(attempt)
    },
  })
}

/** What analyzers and others are to know of changed incidents. */
function tell(role: Role, updates: readonly Update[]): void {
  if (updates.length === 0) return
  const { producer, topics, log } = role
  const facts = incidentFacts(updates).map((fact) => ({
    key: 'caller' in fact ? fact.caller : '',
    value: Buffer.from(JSON.stringify(fact)),
  }))
  const versions = updates.map(({ after }) => ({ key: after.id, value: Buffer.from(JSON.stringify(after)) }))
  const sent = [
    facts.length === 0 ? undefined : producer.append(topics.decisions.topic, 0, facts),
    producer.append(topics.incidents.topic, 0, versions),
  ]
  Promise.all(sent).catch((error: Error) =>
    log('error', 'not told of changed incidents', { error: error.message }),
  )
  for (const { before, after } of updates)
    if (before === undefined)
      log('warn', 'incident opened', { incident: after.id, severity: after.severity, title: after.title })
}

async function take(office: Office, at: FindingsPartition, batch: TakenBatch): Promise<void> {
  const { role, own, persist } = office
  const began = performance.now()
  const findings: Finding[] = []
  for (const { offset, value } of batch.records) {
    const record = readFindingRecord(value, role.config.kafka.partitions.stream)
    if (record === undefined) role.log('error', 'a finding that cannot be read is left out', { offset })
    else if ('finding' in record) findings.push(record.finding)
    else {
      raise(at.frontiers, record.partition, record.frontier)
      raise(at.canaries, record.partition, record.canary ?? 0)
    }
  }
  try {
    const isDue = findings.length > 0 || began - at.storedAt >= PLACE_EVERY_MS
    let trace: TraceContext = {}
    if (isDue)
      await traceAlert(role, { batch, findings }, () => {
        trace = role.tracer.inject()
        return persist(() => at.alerter.accept(findings, batch.next))
      })
    if (isDue) at.storedAt = began
    at.next = batch.next
    await tick(office, at)
    passCanary(role, at)
    if (findings.length > 0) role.meter.onStage('alerter', (performance.now() - began) / 1000, trace)
    own.consumer.settle({ topic: batch.topic, partition: batch.partition, offset: at.next })
    if (findings.length > 0) deliver(office, at)
  } catch (error) {
    onFailure(office, at, error)
  }
}

function raise(times: Map<number, number>, partition: number, time: number): void {
  times.set(partition, Math.max(time, times.get(partition) ?? 0))
}

/** What every stream partition has said is taken in. */
function passCanary({ config }: Role, at: FindingsPartition): void {
  if (at.canaries.size === config.kafka.partitions.stream)
    at.canary = furthestBehind([...at.canaries.values()])
}

interface Taken {
  readonly batch: TakenBatch
  readonly findings: readonly Finding[]
}

function traceAlert(
  role: Role,
  { batch, findings }: Taken,
  accept: () => Promise<Committed>,
): Promise<Committed> {
  return role.tracer.span('alert', { links: linksOf(role, batch.records) }, async (span) => {
    const committed = await accept()
    if (findings.length === 0) span.drop()
    const { length } = committed.updates
    span.set({ 'meshwatch.findings': findings.length, 'meshwatch.incidents': length })
    return committed
  })
}

/** Event time is where every stream partition has come to. */
async function tick({ role, persist }: Office, at: FindingsPartition): Promise<void> {
  if (at.frontiers.size < role.config.kafka.partitions.stream) return
  await persist(() => at.alerter.tick(Math.min(...at.frontiers.values())))
}

function turn(office: Office): void {
  const partitions = office.own.all()
  office.role.readiness.beat()
  office.role.watched.canary = { alerter: furthestBehind(partitions.map(({ canary }) => canary)) }
  for (const at of partitions) deliver(office, at)
}

/** Begins nothing at the end: the next process sends what is owed. */
function deliver(office: Office, at: FindingsPartition): void {
  if (office.role.stop.aborted) return
  office.inFlight.add(at.alerter.deliverDue().catch((error: unknown) => onFailure(office, at, error)))
}

/** Another process has the partition: this one begins again with what is stored. Anything else ends the role. */
function onFailure(office: Office, at: FindingsPartition, error: unknown): void {
  if (at.isLost) return
  if (hasCode(error, 'fenced')) return office.own.overtaken(at)
  // Its connection has said so, once.
  if (hasCode(error, 'redis-unreachable')) return
  office.role.log('error', 'alerting failed', {
    error: error instanceof Error ? error.message : String(error),
  })
  office.fail(error)
}
