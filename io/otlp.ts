import { type Static, Type } from 'typebox'

/**
 * OTLP/HTTP logs in JSON (`ExportLogsServiceRequest` of opentelemetry-proto): each log record becomes the text that
 * its writer would have put into a file. Only what is read here is named; other fields are free.
 */
const Attributes = Type.Union([
  Type.Null(),
  Type.Array(Type.Object({ key: Type.String(), value: Type.Optional(Type.Unknown()) })),
])
const LogRecord = Type.Object({
  timeUnixNano: Type.Optional(Type.Union([Type.String(), Type.Number()])),
  body: Type.Optional(Type.Unknown()),
  attributes: Type.Optional(Attributes),
})
export const OtlpLogs = Type.Object({
  resourceLogs: Type.Array(
    Type.Object({
      resource: Type.Optional(
        Type.Union([Type.Null(), Type.Object({ attributes: Type.Optional(Attributes) })]),
      ),
      scopeLogs: Type.Array(Type.Object({ logRecords: Type.Array(LogRecord) })),
    }),
  ),
})
export type OtlpLogs = Static<typeof OtlpLogs>

type Fields = Record<string, unknown>

export function otlpCount(logs: OtlpLogs): number {
  let count = 0
  for (const { scopeLogs } of logs.resourceLogs)
    for (const { logRecords } of scopeLogs) count += logRecords.length
  return count
}

/**
 * The text of each log record, made when it is asked for.
 * @param logs nested no deeper than the stack bears (see `isTooDeep`)
 */
export function* otlpRecords(logs: OtlpLogs): Generator<string> {
  for (const { resource, scopeLogs } of logs.resourceLogs) {
    const origin = fieldsOf(resource?.attributes)
    for (const { logRecords } of scopeLogs) for (const record of logRecords) yield recordOf(record, origin)
  }
}

/**
 * A body that is itself a record (JSON text, a map, or text without attributes but those of the file it was read
 * from) is taken as it is. Else the attributes are the record, and the body is one of its fields: proxies that speak
 * OTLP put a summary there.
 */
function recordOf(record: Static<typeof LogRecord>, resource: Fields): string {
  const body = plainValue(record.body)
  if (typeof body === 'object' && body !== null) return JSON.stringify(body)
  const attributes = fieldsOf(record.attributes)
  const isOwn = Object.keys(attributes).some((key) => !key.startsWith('log.'))
  if (typeof body === 'string' && (!isOwn || body.trimStart().startsWith('{'))) return body
  const { timeUnixNano } = record
  return JSON.stringify({ timeUnixNano, body, resource, ...attributes })
}

function fieldsOf(attributes: Static<typeof Attributes> | undefined): Fields {
  // Without a prototype, so that `__proto__` is a key like any other.
  const fields: Fields = Object.create(null)
  for (const { key, value } of attributes ?? []) fields[key] = plainValue(value)
  return fields
}

/** An `AnyValue`; undefined for one that is none. */
function plainValue(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return undefined
  if ('stringValue' in value) return value.stringValue
  if ('boolValue' in value) return value.boolValue
  if ('intValue' in value) return integerOf(value.intValue)
  if ('doubleValue' in value) return value.doubleValue
  if ('bytesValue' in value) return value.bytesValue
  if ('arrayValue' in value) return listOf(value.arrayValue).map(plainValue)
  if ('kvlistValue' in value) return fieldsOf(listOf(value.kvlistValue).filter(isPair))
  return undefined
}

/** 64-bit integers travel as decimal strings; one beyond 2^53 stays a string, a number would be another one. */
function integerOf(value: unknown): unknown {
  const number = typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value
  return Number.isSafeInteger(number) ? number : value
}

function listOf(value: unknown): readonly unknown[] {
  const hasValues = typeof value === 'object' && value !== null && 'values' in value
  return hasValues && Array.isArray(value.values) ? value.values : []
}

function isPair(value: unknown): value is { readonly key: string; readonly value?: unknown } {
  return typeof value === 'object' && value !== null && 'key' in value && typeof value.key === 'string'
}
