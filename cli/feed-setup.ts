import type { FeedSetup } from './feeds.ts'
import type { Readiness } from './readiness.ts'
import type { WatchSetup } from './watch.ts'

/** What happens to a file that somebody has to look at. */
const WARNED: ReadonlySet<string> = new Set(['missing', 'lost'])

/** What sources are opened with, and how what happens to them is said. */
export function feedSetupOf(
  { config, ports, bearerKey, log }: Pick<WatchSetup, 'config' | 'ports' | 'bearerKey' | 'log'>,
  readiness: Readiness,
  resume: FeedSetup['resume'],
): FeedSetup {
  return {
    config,
    journal: ports.journal,
    bearerKey,
    resume,
    report: (change, path) => log(WARNED.has(change) ? 'warn' : 'info', `file ${change}`, { path }),
    onTrouble: (source, trouble) => {
      if (trouble === undefined) readiness.clear('source-unreadable', source)
      else readiness.set('source-unreadable', trouble.message, source)
      if (trouble === undefined) log('info', 'source readable again', { source })
      else log('error', 'source unreadable', { source, error: trouble.message })
    },
  }
}
