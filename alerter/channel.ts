import type { Static, TSchema } from 'typebox'
import type { Notification } from '../domain/incident.ts'

/** A way to tell somebody. Rendering is pure; the one sender signs, sends and retries. */
export interface Channel<Options extends TSchema = TSchema> {
  /** Kebab-case; the same in the file name, the registry, the config and the docs. */
  readonly name: string
  /** One sentence for the reference. */
  readonly describes: string
  /** Each option described, with its default and unit. */
  readonly options: Options
  render(notification: Notification, options: Static<Options>, links: Links): ChannelRequest
}

export interface Links {
  /** Address of the incident for a person or a client; absent when no public URL is configured. */
  readonly incident?: string
}

/** What a channel sends, before it is signed. */
export interface ChannelRequest {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** Standard Webhooks secrets (`whsec_…`): one signature each, so that two are valid while one is replaced. */
  readonly secrets: readonly string[]
  /** Plain http to any host; otherwise https, or http to loopback only. */
  readonly allowHttp: boolean
  /** Private, loopback and link-local addresses may be connected to. */
  readonly allowPrivate: boolean
}

/** Keeps the types of one channel's options for its renderer while it is written down. */
export function defineChannel<Options extends TSchema>(channel: Channel<Options>): Channel {
  return channel as unknown as Channel
}
