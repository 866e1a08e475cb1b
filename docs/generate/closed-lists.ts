import type { NotReadyReason } from '../../cli/readiness.ts'
import type { DenialReason } from '../../domain/denial.ts'
import {
  type AttemptOutcome,
  type DeliveryState,
  DROP_REASONS,
  type IncidentEvent,
  type IncidentState,
} from '../../domain/incident.ts'
import { PERMISSIONS } from '../../domain/route.ts'
import { ROLE_PERMISSIONS } from '../../io/http-access.ts'
import type { CALLER_STATES, DEVIATIONS } from '../../io/metric-catalogue.ts'
import { code, table } from './table.ts'

/** A word without a meaning here does not compile. */
const NOT_READY: Readonly<Record<NotReadyReason, string>> = {
  starting: 'the stored state is being loaded',
  stopping: 'the process was told to stop and is finishing what it read',
  'store-unwritable': 'the store (the data folder, or Redis) refuses writes, or cannot be reached',
  'source-unreadable': 'a configured file cannot be read, or a configured topic is not there',
  'kafka-unreachable': 'the brokers cannot be reached, or refuse us',
  'kafka-unwritable': 'a partition of our own topics takes no records',
  'facts-missing':
    'a stream partition has said nothing at the end of an hour: the others judge without what it knows',
  stalled: 'the process lives, but nothing was analysed for a minute',
}

const OUTCOMES: Readonly<Record<AttemptOutcome, string>> = {
  delivered: 'the receiver answered 2xx',
  timeout: 'the attempt took longer than `alerter.attemptSeconds`',
  dns: 'the name of the receiver has no address',
  connect: 'no connection came about, or it broke',
  tls: 'the receiver has no certificate that is trusted for its name',
  'forbidden-address':
    'the name leads to an address that is not public, and the endpoint does not allow that',
  'forbidden-url': 'the url is none, is not https, or holds a user name or password',
  redirect: 'the receiver answered 3xx; redirects are not followed',
  gone: 'the receiver answered 410: the endpoint is switched off',
  'rate-limited': 'the receiver answered 429; its Retry-After is honoured, up to one hour',
  'status-4xx': 'the receiver refused the request: after four attempts no more are made',
  'status-5xx': 'the receiver failed',
  protocol: 'the answer was no HTTP',
}

const DELIVERIES: Readonly<Record<DeliveryState, string>> = {
  owed: 'not delivered yet; the next attempt has a time',
  delivered: 'the receiver answered 2xx',
  failed: 'given up: refused, gone, or at the end of the schedule',
  superseded: 'a newer version of the incident is owed in its place',
  dropped: 'never owed, for one of the reasons above',
}

const EVENTS: Readonly<Record<IncidentEvent, string>> = {
  'incident.opened': 'it is new',
  'incident.updated': 'its severity rose, or a detector, caller or callee was added',
  'incident.acknowledged': 'a person said that somebody is on it',
  'incident.resolved':
    'a person resolved it or marked it as expected, or nothing more was found for long enough',
}

const STATES: Readonly<Record<IncidentState, string>> = {
  open: 'nobody has said anything yet',
  acknowledged: 'somebody is on it',
  resolved: 'over; it stays so, and what follows opens a new incident',
}

const DENIALS: Readonly<Record<DenialReason, string>> = {
  unauthenticated: 'HTTP 401, or the gRPC status Unauthenticated',
  forbidden: 'HTTP 403, or the gRPC status PermissionDenied: a policy',
  'certificate-revoked': 'the callee found the certificate revoked',
  'certificate-expired': 'the callee found the certificate expired',
  handshake: 'another failure of TLS: an unknown CA, no certificate, a name that is not allowed',
  other: 'another status; the row says that the call was refused',
}

const CALLERS: Readonly<Record<(typeof CALLER_STATES)[number], string>> = {
  known: 'seen for a day or longer',
  learning: 'first seen less than a day ago: hardly judged yet',
  silenced: 'somebody marked something that it does as expected',
  unseen: 'silent for an hour, and for thirty times its usual gap: it rests, or is not logged any more',
}

const DEVIATION_WORDS: Readonly<Record<(typeof DEVIATIONS)[number], string>> = {
  caller: 'another caller than on the 8 newest connections before',
  address: 'another address than on the 8 newest connections before',
  dormant: 'the first use after a week without any',
}

/** `docs/reference/closed-lists.md`: the words that metrics, the API and logs use. */
export function closedListsPage(): string {
  return `# Closed lists

Words that are metric labels, fields of the API and documented reasons at once. Reasons of refused records have a
[page of their own](rejects.md).

## Why the process is not ready

\`/readyz\` answers 503 with these, and \`meshwatch_not_ready\` has them as a label. What to do about each is in the
[operations guide](../operations.md#readiness).

${list('reason', NOT_READY)}

## States of an incident

${list('state', STATES)}

## What a notification tells

${list('type', EVENTS)}

## Why a notification was not sent

${list('reason', DROP_REASONS)}

## States of a delivery

${list('state', DELIVERIES)}

## How an attempt to deliver ended

${list('outcome', OUTCOMES)}

## Why a call was refused

\`meshwatch_denied_calls_total\` has these as a label.

${list('reason', DENIALS)}

## What is known of a caller

\`meshwatch_callers\` has these as a label; the first of \`silenced\`, \`unseen\` and \`learning\` that holds.

${list('state', CALLERS)}

## Use of a credential outside its baseline

\`meshwatch_credential_uses_outside_baseline_total\` has these as a label.

${list('deviation', DEVIATION_WORDS)}

## Permissions

A token of the API has a role; a token of the intake may only send.

${table(
  ['', ...PERMISSIONS.map(code)],
  [
    ...Object.entries(ROLE_PERMISSIONS).map(([role, granted]) => [
      code(role),
      ...PERMISSIONS.map((permission) => (granted.includes(permission) ? 'yes' : '–')),
    ]),
    ['token of the intake', ...PERMISSIONS.map((permission) => (permission === 'send' ? 'yes' : '–'))],
  ],
)}
`
}

function list(head: string, words: Readonly<Record<string, string>>): string {
  return table(
    [head, 'meaning'],
    Object.entries(words).map(([word, meaning]) => [code(word), meaning]),
  )
}
