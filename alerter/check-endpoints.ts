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
    const [option, at] = error.instancePath.split('/').slice(1)
    const place = `${option ?? channel}${at === undefined ? '' : `[${at}]`}`
    const expected = expectedOf(known, option)
    throw new Error(
      `endpoint "${name}": the text of ${place} does not fit; ${expected ? `write ${expected}` : error.message}`,
    )
  }
}

/** What an option of a channel, or each item of it, should be, in words. */
function expectedOf({ options }: Channel, name: string | undefined): string | undefined {
  const { properties } = options as { readonly properties?: Readonly<Record<string, Worded>> }
  const option = properties?.[name ?? '']
  return option?.expects ?? option?.items?.expects
}

interface Worded {
  readonly expects?: string
  readonly items?: Worded
}
