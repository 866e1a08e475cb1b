import { LIFECYCLE_ACTIONS } from '../../domain/event.ts'
import { barGauge } from '../blocks/bar-gauge.ts'
import { COVERAGE, linkToApi } from '../blocks/links.ts'
import type { PanelBuilder } from '../blocks/panel.ts'
import { countedIn, ours, perSecond } from '../blocks/query.ts'
import { stat } from '../blocks/stat.ts'
import { timeSeries } from '../blocks/time-series.ts'
import { unscraped } from '../blocks/unscraped.ts'

/** What makes a credential; each of the others ends one or asks for one. */
const MAKING = 'action=~"issued|renewed|rotated"'
/** Reasons that concern credentials: a revocation that cannot be read is one that is not known. */
const CREDENTIAL_REASONS = ['invalid-credential', 'invalid-crl', 'not-permitted', 'invalid-identity']
const NO_LIFECYCLE = 'No credential events: add the log of your CA or its revocation list as a source'

export function credentialsKnown(): PanelBuilder {
  return stat({
    title: 'Credentials remembered',
    description: 'Credentials that the analyzers keep in memory, seen in calls or in the log of a CA.',
    unit: 'short',
    noData: 'Is an analyzer scraped?',
    asked: 'line',
    queries: [{ expr: `sum(${ours('entities', 'kind="credential"')})`, legend: 'credentials' }],
  })
}

export function made(): PanelBuilder {
  return stat({
    title: 'Issued in 24 h',
    description:
      'Credentials issued, renewed or rotated. 0 where certificates are short-lived: the CA is not heard.',
    unit: 'short',
    noData: 'Is a collector scraped?',
    asked: 'now',
    queries: [{ expr: countedIn('24h', 'lifecycle_events_total', '', MAKING), legend: 'issued' }],
  })
}

export function revoked(): PanelBuilder {
  return stat({
    title: 'Revoked in 24 h',
    description: 'Revocations that were reported, by a CA or a revocation list.',
    unit: 'short',
    noData: 'Is a collector scraped?',
    asked: 'now',
    queries: [
      { expr: countedIn('24h', 'lifecycle_events_total', '', 'action="revoked"'), legend: 'revoked' },
    ],
  })
}

export function usedAfterRevocation(): PanelBuilder {
  return stat({
    title: 'Used after revocation',
    description:
      'Findings in 24 h of revoked credentials that were presented on a connection opened after the revocation.',
    unit: 'short',
    noData: 'Is an analyzer scraped?',
    steps: [{ from: 1, tone: 'bad', means: 'somebody uses a credential that was taken away' }],
    links: [linkToApi('Its incidents', '/v1/incidents?detector=revoked-credential')],
    asked: 'now',
    queries: [
      { expr: countedIn('24h', 'findings_total', '', 'detector="revoked-credential"'), legend: 'findings' },
    ],
  })
}

export function revocationSeen(): PanelBuilder {
  return stat({
    title: 'Revocation is seen',
    description: 'Whether sources show both revocations and credentials on calls, since the last start.',
    unit: 'bool_yes_no',
    noData: 'Is a collector scraped?',
    steps: [
      { from: 0, tone: 'bad', means: 'a revoked credential would not be noticed; see GET /v1/coverage' },
      { from: 1, tone: 'good', means: 'it would' },
    ],
    links: [COVERAGE],
    asked: 'now',
    queries: [
      {
        expr: `max(${ours('detector_can_evaluate', 'detector="revoked-credential"')})`,
        legend: 'seen',
      },
    ],
  })
}

export function lifecycleOverTime(): PanelBuilder {
  return timeSeries({
    title: 'Credential events',
    description: 'What happened to credentials, by action. Issuing follows rotation; revocations come alone.',
    unit: 'cps',
    noData: NO_LIFECYCLE,
    size: [12, 8],
    series: LIFECYCLE_ACTIONS,
    queries: [{ expr: `${perSecond('lifecycle_events_total', 'action')} > 0`, legend: '{{action}}' }],
  })
}

export function lifecycleOfTheDay(): PanelBuilder {
  return barGauge({
    title: 'Credential events in 24 h, by action',
    description: 'Issued against revoked and expired. Actions that did not happen are not shown.',
    unit: 'short',
    noData: NO_LIFECYCLE,
    queries: [{ expr: `${countedIn('24h', 'lifecycle_events_total', 'action')} > 0`, legend: '{{action}}' }],
  })
}

export function credentialRejects(): PanelBuilder {
  return timeSeries({
    title: 'Credential records that were refused',
    description:
      'A revocation that cannot be read is not known. Reasons are explained in the rejects reference.',
    unit: 'cps',
    noData: 'None was refused in this time',
    series: CREDENTIAL_REASONS,
    queries: [
      {
        expr: `${perSecond('rejects_total', 'reason', `reason=~"${CREDENTIAL_REASONS.join('|')}"`)} > 0`,
        legend: '{{reason}}',
      },
    ],
  })
}

export function credentialEntities(): PanelBuilder {
  return timeSeries({
    title: 'Credentials and connections remembered',
    description: 'Rows in the memory of all analyzers. Both level off when as many expire as come.',
    unit: 'short',
    noData: unscraped('analyzer'),
    series: ['credential', 'connection'],
    queries: [
      { expr: `sum by (kind) (${ours('entities', 'kind=~"credential|connection"')})`, legend: '{{kind}}' },
    ],
  })
}
