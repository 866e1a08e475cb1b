import { CREDENTIAL_KINDS } from '../../domain/credential.ts'
import { barGauge } from '../blocks/bar-gauge.ts'
import type { PanelBuilder } from '../blocks/panel.ts'
import { countedIn, perSecond } from '../blocks/query.ts'
import { stat } from '../blocks/stat.ts'
import { timeSeries } from '../blocks/time-series.ts'
import { unscraped } from '../blocks/unscraped.ts'

const NO_CALLS = 'No call with a credential: does the mesh log it? See what your mesh must log'

export function usesByKind(): PanelBuilder {
  return timeSeries({
    title: 'Calls that present a credential',
    description: 'By kind of credential. A kind that vanishes is a source that no longer logs it.',
    unit: 'cps',
    noData: NO_CALLS,
    size: [12, 8],
    series: CREDENTIAL_KINDS,
    queries: [{ expr: `${perSecond('credential_uses_total', 'kind')} > 0`, legend: '{{kind}}' }],
  })
}

export function usesOfTheDay(): PanelBuilder {
  return barGauge({
    title: 'Calls with a credential in 24 h, by kind',
    description: 'What services prove themselves with.',
    unit: 'short',
    noData: NO_CALLS,
    queries: [{ expr: `${countedIn('24h', 'credential_uses_total', 'kind')} > 0`, legend: '{{kind}}' }],
  })
}

export function deniedNow(): PanelBuilder {
  return stat({
    title: 'Refused calls in 24 h',
    description:
      'Calls that the callee or the mesh refused. Many after a release are a policy; many of one caller are probing.',
    unit: 'short',
    noData: 'Is a collector scraped?',
    asked: 'now',
    queries: [{ expr: countedIn('24h', 'denied_calls_total'), legend: 'refused' }],
  })
}

export function deniedCalls(): PanelBuilder {
  return timeSeries({
    title: 'Refused calls',
    description: 'Calls that the callee or the mesh refused, of all calls that were seen.',
    unit: 'cps',
    noData: unscraped('collector'),
    queries: [{ expr: perSecond('denied_calls_total'), legend: 'refused' }],
  })
}
