import { setTimeout as sleep } from 'node:timers/promises'
import { journalStdin } from '../io/stdin.ts'
import type { Station } from './station.ts'
import type { WatchSetup } from './watch.ts'

const PAUSE_MS = 200

/** Moves standard input into the journal where the configuration names it as a source. Its end ends nothing else. */
export function readInput(setup: WatchSetup, persist: Station['persist']): void {
  const { config, ports, input, clock, log } = setup
  if (!config.sources.some((source) => 'stdin' in source && source.stdin)) return
  const { journal } = ports
  const options = {
    journal: { ...journal, append: (...given) => persist(() => journal.append(...given)) } as typeof journal,
    now: clock,
    maxRecordBytes: config.maxRecordBytes,
    maxJournalBytes: config.intake.maxJournalBytes,
    pause: () => sleep(PAUSE_MS),
  }
  journalStdin(input, options).then(
    () => log('info', 'standard input has ended'),
    (error: Error) => log('error', 'standard input cannot be read', { error: error.message }),
  )
}
