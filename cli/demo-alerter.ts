import { type Alerter, type AlerterSetup, startAlerter } from '../alerter/main.ts'
import type { Config } from '../domain/config/schema.ts'
import { hmacHex, randomKey, sha256Hex } from '../io/hash.ts'

/** An alerter whose notifications are all signed with one secret. */
export function openDemoAlerter(
  { alerter }: Config,
  secret: string,
  ports: Pick<AlerterSetup, 'store' | 'send' | 'onChange' | 'onAttempt'>,
): Alerter {
  const key = randomKey()
  return startAlerter({
    ...ports,
    endpoints: alerter.endpoints.map(({ secrets: _, options, ...endpoint }) => ({
      ...endpoint,
      options: { ...options, secrets: [secret] },
    })),
    options: alerter,
    sha256Hex,
    hmacHex: (text) => hmacHex(key, text),
    clock: Date.now,
    dice: Math.random,
  })
}
