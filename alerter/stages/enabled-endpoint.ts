import type { Stage } from '../stage.ts'

/** Who answered 410 Gone has asked to hear no more. */
export const enabledEndpoint: Stage = {
  name: 'enabled-endpoint',
  pass: (notification, { isDisabled }) => (isDisabled ? { dropped: 'endpoint-disabled' } : { notification }),
}
