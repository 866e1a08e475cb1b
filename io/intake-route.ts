import { Type } from 'typebox'
import type { IntakeJournal } from '../domain/ports.ts'
import { defineRoute, type Route, type RouteReply, type RouteRequest, refuse } from '../domain/route.ts'
import { decodeBody } from './decode-body.ts'
import { intakeLines } from './intake.ts'
import { hasCode } from './world-error.ts'

/** What accepting a request needs of a journal. */
export type IntakeWriter = Pick<IntakeJournal, 'append' | 'size'>

export interface IntakeOptions {
  readonly journal: IntakeWriter
  /** Wall clock, epoch ms. */
  readonly now: () => number
  readonly maxBodyBytes: number
  /** Beyond it senders are told to wait. */
  readonly maxJournalBytes: number
}

const RETRY_AFTER_SECONDS = '5'

export const INTAKE_URL = '/v1/logs'

const SCHEMA = {
  headers: Type.Object({
    'content-type': Type.Optional(
      Type.String({
        description:
          'text/plain or application/x-ndjson: one record a line; application/json: OTLP/HTTP logs (ExportLogsServiceRequest)',
      }),
    ),
    'content-encoding': Type.Optional(Type.String({ description: 'gzip, deflate, zstd or identity' })),
    'idempotency-key': Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 255,
        description: 'a request with a key that was accepted in the last 24 hours appends nothing',
      }),
    ),
  }),
  response: {
    202: Type.Object(
      { accepted: Type.Integer({ description: 'lines or OTLP log records in the request' }) },
      { description: 'the records are on disk' },
    ),
  },
}

/** The source in the journal that a sender writes to: what a token may send is decided by it. */
export function intakeSource(tokenName: string): string {
  return `http:${tokenName}`
}

/** `POST /v1/logs`: log records, on disk before they are accepted. */
export function intakeRoute(options: IntakeOptions): Route {
  return defineRoute({
    method: 'POST',
    url: INTAKE_URL,
    permission: 'send',
    operationId: 'sendLogs',
    summary: 'Send log records: lines, or OTLP logs in JSON',
    schema: SCHEMA,
    acceptsBytes: ['*'],
    bodyLimitBytes: options.maxBodyBytes,
    handle: (request) => takeLogs(request, options),
  })
}

type LogsRequest = Pick<RouteRequest, 'requester' | 'bytes' | 'headers'>

async function takeLogs(
  { requester, bytes, headers }: LogsRequest,
  options: IntakeOptions,
): Promise<RouteReply> {
  const { journal, maxBodyBytes } = options
  if ((await journal.size()) >= options.maxJournalBytes) {
    const busy = refuse(429, 'journal-full', 'the analysis is behind; send again later, with the same key')
    return { ...busy, headers: { 'retry-after': RETRY_AFTER_SECONDS } }
  }
  const body = await decodeBody(bytes, headers['content-encoding'] ?? 'identity', maxBodyBytes)
  if ('status' in body) return { problem: body }
  const contentType = headers['content-type'] ?? 'text/plain'
  const lines = await intakeLines(body, contentType)
  if ('status' in lines) return { problem: lines }
  const key = headers['idempotency-key']
  const appended = journal.append(intakeSource(requester.name), lines.bytes, key, options.now())
  const isNew = await appended.catch(refusalOf)
  if (typeof isNew !== 'boolean') return isNew
  const reply = { status: 202, body: { accepted: lines.count } }
  return isNew ? reply : { ...reply, headers: { 'idempotent-replay': 'true' } }
}

/** @throws what is no fault of the sender and does not pass by itself */
function refusalOf(error: unknown): RouteReply {
  if (hasCode(error, 'kafka-record-too-large'))
    return refuse(
      413,
      'line-too-long',
      'a line is longer than the log takes; nothing of the request was kept',
    )
  if (!hasCode(error, 'intake-unwritable') && !hasCode(error, 'kafka-stopped')) throw error
  const late = refuse(503, 'journal-unwritable', 'the log takes nothing now; send again, with the same key')
  return { ...late, headers: { 'retry-after': RETRY_AFTER_SECONDS } }
}
