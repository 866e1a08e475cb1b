import { findCommand } from './find-command.ts'
import { whyNoKafka } from './kafka-files.ts'
import { whyNoAlertmanager, whyNoPrometheus } from './prometheus.ts'
import { whyNoRedis } from './redis-node.ts'

const whyNoShell = (shell: string) => (): string | undefined =>
  findCommand(shell) === undefined ? `no ${shell} in PATH` : undefined

/**
 * Each server, and each shell that takes a completion, and the question why it cannot be started here: words for a
 * person, or undefined when it can.
 */
export const WHY_NOT = {
  kafka: whyNoKafka,
  redis: whyNoRedis,
  prometheus: whyNoPrometheus,
  alertmanager: whyNoAlertmanager,
  zsh: whyNoShell('zsh'),
  fish: whyNoShell('fish'),
} as const satisfies Record<string, () => string | undefined>

export type ServerName = keyof typeof WHY_NOT

/** Where a missing server is a failure: on the integration server, or where somebody says so. */
export function areServersRequired(): boolean {
  return process.env['CI'] === 'true' || process.env['MESHWATCH_REQUIRE_SERVERS'] === '1'
}

/**
 * For `skip` of a suite: `describe('the stream over Kafka', { skip: without('kafka') }, …)`.
 *
 * @returns false when all of these can be started here, else which cannot and why
 * @throws the same where servers are required
 */
export function without(...names: readonly ServerName[]): string | false {
  const missing = names.flatMap((name) => {
    const reason = WHY_NOT[name]()
    return reason === undefined ? [] : [`${name}: ${reason}`]
  })
  if (missing.length === 0) return false
  if (areServersRequired()) throw new Error(`required, but not here: ${missing.join('; ')}`)
  return `needs ${missing.join('; ')} (node test/servers/main.ts obtain)`
}
