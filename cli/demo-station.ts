import type { Config } from '../domain/config/schema.ts'
import type { Fact } from '../domain/decision.ts'
import type { Source } from '../domain/ports.ts'
import { NO_TRACER } from '../domain/trace.ts'
import { sendWebhook } from '../io/webhook-client.ts'
import { createCanary } from './canary.ts'
import { openDemoAlerter } from './demo-alerter.ts'
import { openDemoPipeline } from './demo-pipeline.ts'
import { incidentFacts } from './incident-facts.ts'
import { type Meter, openMeter, watchedBy } from './meter.ts'
import type { Readiness } from './readiness.ts'
import { claimAll } from './resume.ts'
import type { Station, StationPorts } from './station.ts'

export interface DemoStationSetup {
  readonly config: Config
  readonly sources: readonly Source[]
  readonly ports: StationPorts
  /** What notifications are signed with. */
  readonly secret: string
  readonly readiness: Readiness
}

/** The whole product over empty stores, and the meter that counts what it does. */
export async function openDemoStation(setup: DemoStationSetup): Promise<{ station: Station; meter: Meter }> {
  const { config, readiness } = setup
  const pipeline = openDemoPipeline(config, setup.sources)
  const facts: Fact[] = []
  const canary = createCanary(Date.now)
  const store = setup.ports.incidents
  const circuits = () => [...alerter.circuits()]
  const watched = { ...watchedBy(pipeline), canary: canary.stamps, store, circuits }
  const meter = openMeter({ config, watched, readiness })
  const ports = {
    checkpoints: meter.stored('checkpoints', setup.ports.checkpoints),
    incidents: meter.stored('incidents', store),
    rejects: meter.stored('rejects', setup.ports.rejects),
  }
  const alerter = openDemoAlerter(config, setup.secret, {
    store: ports.incidents,
    send: meter.timed(sendWebhook),
    onChange: (change) => {
      facts.push(...incidentFacts(change.updates))
      meter.onChange(change)
    },
    onAttempt: meter.onAttempt,
  })
  const station: Station = {
    pipeline,
    alerter,
    ports,
    ...(await claimAll(pipeline.engines, ports.checkpoints)),
    facts,
    nextDecision: 0,
    persist: (write) => write(),
    tracer: NO_TRACER,
    canary,
  }
  return { station, meter }
}
