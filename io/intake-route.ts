import { Type } from 'typebox'
import type { IntakeJournal } from '../domain/ports.ts'
import { defineRoute, type Route, type RouteReply, type RouteRequest, refuse } from '../domain/route.ts'
import { decodeBody } from './decode-body.ts'
import { intakeLines } from './intake.ts'

export interface IntakeOptions {
  readonly journal: IntakeJournal
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
  const isNew = await journal.append(intakeSource(requester.name), lines.bytes, key, options.now())
  const reply = { status: 202, body: { accepted: lines.count } }
  return isNew ? reply : { ...reply, headers: { 'idempotent-replay': 'true' } }
}
