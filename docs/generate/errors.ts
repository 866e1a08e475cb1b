import { table, code as word } from './table.ts'

/** Codes of the API and the intake: a client may branch on them. A test compares them with the code. */
export const PROBLEMS: Readonly<Record<string, readonly [status: string, whatToDo: string]>> = {
  'already-acknowledged': ['409', 'nothing: somebody is on it; the transitions of the incident say who'],
  'already-resolved': ['409', 'nothing: what follows opens a new incident'],
  'body-too-large': ['413', 'send smaller requests, or raise `intake.maxBodyBytes`'],
  'foreign-callee': ['422', 'name one of the callees of the incident, or none'],
  'foreign-host': ['403', 'ask under 127.0.0.1, ::1 or localhost; for another name configure tokens'],
  'if-match-required': ['428', 'send `If-Match` with the ETag of the incident that you saw, or `*`'],
  internal: ['500', 'look for the request id in the log of the process'],
  'invalid-body': ['422', '`errors` names each field that does not fit the [schema](openapi.json)'],
  'invalid-cursor': ['400', 'begin the list anew, with the filters that are meant'],
  'invalid-json': ['400', 'send one whole JSON value'],
  'invalid-otlp': ['400', 'send OTLP logs in JSON, or lines as `application/x-ndjson`'],
  'invalid-query': ['400', '`errors` names each parameter that does not fit the [schema](openapi.json)'],
  'invalid-request': ['400', 'the request is no HTTP that can be understood: look at the client'],
  'invalid-time': ['400', 'write epoch milliseconds, or RFC 3339 with a zone'],
  'journal-full': [
    '429',
    'send again after `Retry-After`, with the same `Idempotency-Key`; the analysis is behind',
  ],
  'journal-unwritable': ['503', 'send again with the same `Idempotency-Key`; the brokers do not acknowledge'],
  'line-too-long': ['413', 'leave that line out: nothing of the request was kept'],
  'no-such-incident': ['404', 'look at the id; an incident is never deleted'],
  'not-found': ['404', 'look at the path, in the [API](openapi.json)'],
  'not-permitted': ['403', 'use a token with the role or the `allows` that the route needs'],
  'store-unavailable': [
    '503',
    'send it again, a change with `If-Match` and a log with the same `Idempotency-Key`; see [readiness](../operations.md#readiness)',
  ],
  timeout: ['503', 'ask again; if it stays, the store is slow or away'],
  'token-required': ['401', 'send `Authorization: Bearer` and a token whose hash is in the configuration'],
  'too-many-records': ['413', 'make the batches of the exporter smaller'],
  'undecodable-body': ['400', 'the body is not compressed as `Content-Encoding` says'],
  'unsupported-content-encoding': ['415', 'send gzip, deflate, zstd, or no compression'],
  'unsupported-content-type': [
    '415',
    'send `application/x-ndjson`, `text/plain` or `application/json` (OTLP)',
  ],
  'unsupported-media-type': ['415', 'send `application/json` to the API'],
  'version-changed': ['412', 'read the incident again: it has become another since you saw it'],
}

/** Codes of errors of a process: the message says more. A test compares them with the code. */
export const ERRORS: Readonly<Record<string, readonly [meaning: string, whatToDo: string]>> = {
  'checkpoint-broken': [
    'pages of the stored state are missing',
    'restore the store, or [rebuild](../operations.md#rebuilding)',
  ],
  config: ['the configuration has a mistake', 'change what each line of the message names'],
  fenced: ['another process has taken over', 'nothing, if that was meant; else find the second process'],
  'file-forbidden': ['a file may not be read', 'give the user of the process the right to read it'],
  'file-is-folder': ['a folder stands where a file is due', 'name the file'],
  'file-missing': [
    'there is no such file',
    'look at the path; it is relative to the folder of the configuration',
  ],
  'file-unreadable': [
    'the system refuses to read a file',
    'the message has its word for it: look at the disk',
  ],
  'intake-unwritable': [
    'the brokers did not acknowledge in time',
    'see `kafka-unwritable` under [readiness](../operations.md#readiness)',
  ],
  'kafka-append': [
    'records cannot be written to a topic',
    'look at the brokers, replicas and quotas; it is tried again',
  ],
  'kafka-batch-too-large': [
    'a batch of records is larger than is taken, and in the format of brokers before Kafka 0.11',
    'lower `batch.size` of the producer that writes it',
  ],
  'kafka-commit': [
    'a group cannot store how far it has read',
    'nothing: it is tried again; until then the lag looks larger',
  ],
  'kafka-consumer': [
    'a consumer group cannot work',
    'look at the brokers and the rights; after many failures the process ends',
  ],
  'kafka-no-answer': ['a broker gave no answer for a partition', 'nothing: it is tried again'],
  'kafka-offsets': [
    'the ends of a topic cannot be asked for',
    'nothing: it is tried again; look at the brokers if it stays',
  ],
  'kafka-record-too-large': [
    'a record is longer than the topic takes',
    'raise `max.message.bytes` of the topic',
  ],
  'kafka-records-gone': [
    'records of the stream were deleted unread',
    '[rebuild](../operations.md#rebuilding), and make the retention longer',
  ],
  'kafka-stalled': [
    'nothing is read though records are there',
    'nothing: the process ends and begins anew; look at the brokers if it comes again',
  ],
  'kafka-stopped': ['the process stops before records were written', 'nothing: they are read or sent again'],
  'kafka-token': [
    'no token for Kafka came about',
    'look at the token endpoint, or at the file that holds the token',
  ],
  'kafka-topic-remade': [
    'the stream or findings were made again, or lost their end',
    '[rebuild](../operations.md#rebuilding); our own topics belong to the state in Redis',
  ],
  'kafka-topics': ['topics cannot be made', 'give the user the rights, or let somebody else make them'],
  'listen-failed': ['a port cannot be opened', 'write another port or host, or end what has it'],
  'listen-unprotected': [
    'a port is to be open to others without a token',
    'add a token, or listen on 127.0.0.1',
  ],
  'namespace-taken': ['the namespace in Redis is used by another deployment', 'the message has the way out'],
  'redis-error': ['Redis cannot run a command', 'a mistake of ours: report it with the message'],
  'redis-refused': ['Redis refuses a command', 'do what the end of the message says; it is tried again'],
  'redis-unreachable': [
    'Redis cannot be reached',
    'look at the address, TLS and the server; it is tried again',
  ],
  'secret-missing': ['a secret is not where the configuration says', 'set the variable, or write the file'],
  'store-unusable': [
    'the data folder, its SQLite file or its key cannot be used',
    'do what the message says; look at its rights, and whether it is ours',
  ],
  'store-version': [
    'the SQLite file is of another release',
    'use the release that wrote it, or another folder',
  ],
  'stream-version': [
    'a record of the stream is of another release',
    'let that release read it, or [rebuild](../operations.md#rebuilding)',
  ],
  topics: ['a topic is not as the configuration says', 'change what each line of the message names'],
  undecodable: [
    'compressed bytes are damaged',
    'send or write them again; what came before the damage was read',
  ],
}

/** `docs/reference/errors.md`: what can go wrong, by its code. */
export function errorsPage(): string {
  return `# Errors

Codes do not change; texts may. A symptom is found faster in [troubleshooting](../troubleshooting.md). Why a record was
refused is under [rejects](rejects.md), why a process is not ready in the [closed lists](closed-lists.md).

## Answers of the API and the intake

The body is \`application/problem+json\` (RFC 9457): \`code\`, \`detail\`, and \`requestId\`, which the log has too.

${table(['code', 'status', 'what to do'], rowsOf(PROBLEMS))}

## Errors of a process

The message is on standard error or in the log; the code is \`error.type\` of a [trace](../operations.md#traces).

${table(['code', 'meaning', 'what to do'], rowsOf(ERRORS))}
`
}

function rowsOf(words: Readonly<Record<string, readonly string[]>>): readonly (readonly string[])[] {
  return Object.entries(words).map(([name, cells]) => [word(name), ...cells])
}
