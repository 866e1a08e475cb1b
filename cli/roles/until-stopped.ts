import { setTimeout as sleep } from 'node:timers/promises'
import { isOutage } from '../../io/kafka-failure.ts'
import { pause, type Role, stopped } from './role.ts'

const LOOK_EVERY_MS = 100
const LEAVE_MS = 3000

/**
 * Waits for work that ends by itself after the stop, when all that it has taken on is where it belongs. While Kafka is
 * away it cannot: then it is left, and says so. Nothing is lost by that: of what Kafka has not acknowledged no
 * offset is stored, so that the next start does it again.
 * @param left what becomes of the rest
 * @throws what ended the work, unless brokers were away and it was told to stop
 */
export async function untilStopped(role: Role, work: Promise<void>, left: string): Promise<void> {
  const over = new AbortController()
  const why = await Promise.race([work.then(() => undefined), whyLeft(role, over.signal)])
    .catch((error: unknown) => {
      if (role.stop.aborted && isOutage(error)) return error.message
      throw error
    })
    .finally(() => over.abort())
  if (why === undefined) return
  role.log('warn', left, { error: why })
}

/** What keeps the work from its end after the stop; undefined when it is over before. */
async function whyLeft({ stop, readiness }: Role, over: AbortSignal): Promise<string | undefined> {
  for (await stopped(stop); !over.aborted; await pause(LOOK_EVERY_MS, over)) {
    const away = readiness.reasons().find(({ reason }) => reason.startsWith('kafka-'))
    if (away !== undefined) return away.detail
  }
  return undefined
}

/**
 * Waits until groups are left; after the stop not for ever, as it would be while brokers are away. An offset that is not
 * stored by then is an earlier one at the next start.
 */
export async function untilLeft({ stop }: Role, leaving: Promise<unknown>): Promise<void> {
  await (stop.aborted ? Promise.race([leaving, sleep(LEAVE_MS)]) : leaving)
}
