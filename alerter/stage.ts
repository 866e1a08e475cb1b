import type { DropReason, Notification } from '../domain/incident.ts'
import type { Endpoint } from './endpoint.ts'

/** One question on the way to an endpoint. A dropped notification always says why. */
export interface Stage {
  readonly name: string
  pass(notification: Notification, known: Destination): Passed
}

export type Passed = { readonly notification: Notification } | { readonly dropped: DropReason }

/** What a stage may know beside the notification. */
export interface Destination {
  readonly endpoint: Endpoint
  /** The endpoint answered 410 Gone. */
  readonly isDisabled: boolean
}

/** Through the stages in their order, up to the first that drops it. */
export function passAll(
  stages: readonly Stage[],
  notification: Notification,
  destination: Destination,
): Passed {
  let passed: Passed = { notification }
  for (const stage of stages) {
    if ('dropped' in passed) return passed
    passed = stage.pass(passed.notification, destination)
  }
  return passed
}
