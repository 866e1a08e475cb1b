import type { Config } from '../domain/config/schema.ts'
import { NO_TRACER } from '../domain/trace.ts'
import { openTelemetry, type Telemetry } from '../io/telemetry.ts'
import { VERSION } from './version.ts'
import type { WatchSetup } from './watch.ts'

const NO_TELEMETRY: Telemetry = { tracer: NO_TRACER, close: async () => {} }

/** Traces as they are configured; without them, what costs nothing. */
export async function startTelemetry({ telemetry }: Config, log: WatchSetup['log']): Promise<Telemetry> {
  if (!telemetry.enabled) return NO_TELEMETRY
  return openTelemetry(telemetry, {
    version: VERSION,
    onTrouble: (trouble) => {
      if (trouble === undefined) log('info', 'traces arrive again', {})
      else log('warn', 'traces are lost', { endpoint: telemetry.endpoint, error: trouble })
    },
  })
}
