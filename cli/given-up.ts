import type { AttemptReport } from '../alerter/deliver.ts'

/** Says in the log when a notification will not be sent again and has reached nobody at that endpoint. */
export function sayGivenUp(log: (level: 'error', message: string, fields: object) => void) {
  return ({ incident, endpoint, outcome, state, attempts }: AttemptReport): void => {
    if (state !== 'failed') return
    log('error', 'a notification was given up', { incident, endpoint, outcome, attempts })
  }
}
