import { DENIAL_REASONS } from '../../domain/denial.ts'
import { DEVIATIONS } from '../../io/metric-catalogue.ts'
import { countedBars } from '../blocks/counted-bars.ts'
import { heatmap } from '../blocks/heatmap.ts'
import { OPEN_INCIDENTS } from '../blocks/links.ts'
import type { PanelBuilder } from '../blocks/panel.ts'
import { perSecond } from '../blocks/query.ts'
import { timeSeries } from '../blocks/time-series.ts'
import { unscraped } from '../blocks/unscraped.ts'

const NO_ISSUE = 'No credential whose issue was seen: add the log of your CA as a source'

export function rotationAges(): PanelBuilder {
  return heatmap({
    title: 'Age of credentials at their rotation',
    description:
      'How old a credential was when it was renewed, rotated or superseded. Where a source does not say which one is replaced, it is the one of the same identity and address, if there is one only. Rows above the usual one are rotations that came late.',
    unit: 's',
    noData: NO_ISSUE,
    histogram: 'credential_rotation_age_seconds',
  })
}

export function lifetimesLeft(): PanelBuilder {
  return heatmap({
    title: 'Lifetime left at use',
    description:
      'What was left of the validity of a credential when it was presented on a new connection. The lowest row is of credentials that were over.',
    unit: 's',
    noData: NO_ISSUE,
    histogram: 'credential_lifetime_left_seconds',
  })
}

export function outsideBaseline(): PanelBuilder {
  return countedBars({
    title: 'Use outside the baseline',
    description:
      'Credentials presented by another caller, or from another address, than on their newest connections before; dormant: used after a week without any use. A proxy or a restart explains many of one kind; one of a kind does not explain itself.',
    noData: unscraped('analyzer'),
    counter: 'credential_uses_outside_baseline_total',
    by: 'deviation',
    series: DEVIATIONS,
  })
}

export function deniedByReason(): PanelBuilder {
  return timeSeries({
    title: 'Refused calls, by reason',
    description:
      'Unauthenticated: 401 and its like. Forbidden: 403, a policy. Certificate: revoked or expired, as the callee found. Handshake: another failure of TLS.',
    unit: 'cps',
    noData: 'No call was refused in this time',
    series: DENIAL_REASONS,
    links: [OPEN_INCIDENTS],
    queries: [{ expr: `${perSecond('denied_calls_total', 'reason')} > 0`, legend: '{{reason}}' }],
  })
}
