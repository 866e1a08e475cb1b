import type { Round } from '../../collector/collect.ts'
import type { Publication } from '../../domain/batch.ts'
import type { Reject } from '../../domain/reject.ts'
import type { TraceContext } from '../../domain/trace.ts'
import { encodeWithin } from '../../io/batch-split.ts'
import type { Role } from './role.ts'

/** A record may be this much shorter than the longest record batch of the topic. */
const RECORD_SHARE = 0.9

/**
 * Sends a round to all stream partitions. Its batches are encoded before this returns, so that the next round may be
 * packed.
 * @returns where its span stands, when all is in the log
 */
export function publish(role: Role, round: Round, publication: Publication): Promise<TraceContext> {
  const rows = round.batches.reduce((sum, batch) => sum + batch.rows, 0)
  const attributes = { 'meshwatch.rows': rows, 'meshwatch.rejects': round.rejects.length }
  return role.tracer.span('collect', { attributes }, (span) => {
    if (rows + round.rejects.length === 0) span.drop()
    const trace = role.tracer.inject()
    return send(role, round, publication).then(() => trace)
  })
}

function send(role: Role, round: Round, publication: Publication): Promise<unknown> {
  const { producer, topics, config, tracer } = role
  const most = Math.floor(config.kafka.maxBatchBytes * RECORD_SHARE)
  const headers = tracer.inject()
  const sent = round.batches.map((batch) => {
    const pieces = encodeWithin({ ...batch, positions: [], publication }, most)
    const records = pieces.map((value) => (batch.rows === 0 ? { value } : { value, headers }))
    return producer.append(topics.stream.topic, batch.partition, records)
  })
  return Promise.all([...sent, keepRejects(role, round.rejects)])
}

/** Resolves when they are in their topic. */
export async function keepRejects({ producer, topics }: Role, rejects: readonly Reject[]): Promise<void> {
  if (rejects.length === 0) return
  const records = rejects.map(({ bytes, ...reject }) => ({
    key: reject.source,
    value: Buffer.from(JSON.stringify({ ...reject, bytes: Buffer.from(bytes).toString('base64') })),
  }))
  await producer.append(topics.rejects.topic, 0, records)
}
