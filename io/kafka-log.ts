/** Writes one line of the log; pino's methods fit. */
export interface Log {
  debug(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

/** What kafkajs says of one thing that happened. */
interface Entry {
  readonly namespace?: string
  readonly label: string
  readonly log: { readonly message: string; readonly [field: string]: unknown }
}

/** Fields that say where something happened. Others are left out: they may hold payloads, paths or credentials. */
const FIELDS = [
  'broker',
  'clientId',
  'groupId',
  'memberId',
  'topic',
  'partition',
  'retryCount',
  'retryTime',
  'error',
]

/** The same about the same broker is said again after so long: while brokers are away it comes ten times a second. */
const REPEAT_MS = 30_000
const MOST_REMEMBERED = 1000

/** Warnings that are none: `append` tries again without end, so each of its attempts may be short. */
const NOTES = /^Limiting retries for the idempotent producer/

/**
 * Gives lines of kafkajs to our own log. What kafkajs calls an error it mostly deals with by itself: it is a warning
 * to us, and its notes and repeats are for looking closely.
 */
export function bridgeLog(log: Log, now: () => number = () => performance.now()): (entry: Entry) => void {
  const saidAt = new Map<string, number>()
  const isRepeat = (what: string): boolean => {
    const at = now()
    if (at - (saidAt.get(what) ?? Number.NEGATIVE_INFINITY) < REPEAT_MS) return true
    if (saidAt.size >= MOST_REMEMBERED) saidAt.clear()
    saidAt.set(what, at)
    return false
  }
  return ({ namespace, label, log: entry }) => {
    const fields: Record<string, unknown> = {
      from: namespace === undefined ? 'kafkajs' : `kafkajs/${namespace}`,
    }
    for (const name of FIELDS) {
      const value = entry[name]
      if (typeof value === 'string' || typeof value === 'number') fields[name] = value
    }
    const isWarning = (label === 'ERROR' || label === 'WARN') && !NOTES.test(entry.message)
    const what = [entry.message, fields['from'], fields['broker'], fields['error']].join('\n')
    if (isWarning && !isRepeat(what)) log.warn(fields, entry.message)
    else log.debug(fields, entry.message)
  }
}
