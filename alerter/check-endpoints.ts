import { Value } from 'typebox/value'
import type { Channel } from './channel.ts'
import type { Endpoint } from './endpoint.ts'

/**
 * What cannot be checked where the configuration is read, because secrets are only there once they were fetched.
 * @throws Error that names the endpoint and the option, never its value
 */
export function checkEndpoints(endpoints: readonly Endpoint[], channels: readonly Channel[]): void {
  for (const { name, channel, options } of endpoints) {
    const known = channels.find((each) => each.name === channel)
    if (known === undefined)
      throw new Error(
        `endpoint "${name}" names the channel "${channel}": use one of ${channels.map((each) => each.name).join(', ')}`,
      )
    const [error] = Value.Errors(known.options, options)
    if (error === undefined) continue
    throw new Error(`endpoint "${name}": option ${error.instancePath || '/'} ${error.message}`)
  }
}
