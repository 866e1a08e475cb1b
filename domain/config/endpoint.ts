import type { Severity } from '../finding.ts'
import type { SecretReference } from './alerter.ts'
import type { Mistake } from './option.ts'

/** One place that incidents are sent to, by one channel. */
export interface EndpointConfig {
  readonly name: string
  readonly minimumSeverity: Severity
  /** A channel of the registry. */
  readonly channel: string
  /** What the channel's options say, but for its secrets. */
  readonly options: Readonly<Record<string, unknown>>
  /** Where the channel's secrets are found, in its order. */
  readonly secrets: readonly SecretReference[]
}

/** An endpoint as it is written: the options of its channel stand under the channel's name. */
export interface WrittenEndpoint {
  readonly name: string
  readonly minimumSeverity: Severity
  readonly [channel: string]: unknown
}

/** The endpoint meant at position `at` of the list, or that it names no channel or several. */
export function endpointOf(
  { name, minimumSeverity, ...channels }: WrittenEndpoint,
  known: readonly string[],
  at: number,
): EndpointConfig | Mistake {
  const [channel, another] = Object.keys(channels)
  const path = ['alerter', 'endpoints', at]
  if (channel === undefined)
    return {
      path,
      problem: 'the endpoint has no channel',
      fix: `add ${known.map((word) => `"${word}"`).join(' or ')} with the channel's options`,
    }
  if (another !== undefined)
    return { path, problem: `found both "${channel}" and "${another}"`, fix: 'make two endpoints of them' }
  const { secrets = [], ...options } = channels[channel] as {
    readonly secrets?: readonly SecretReference[]
    readonly [option: string]: unknown
  }
  return { name, minimumSeverity, channel, options, secrets }
}
