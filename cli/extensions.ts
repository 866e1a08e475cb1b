import { CHANNELS } from '../alerter/registry.ts'
import type { Extensions } from '../domain/config/schema.ts'

/** What the registries add to the configuration: formats, options of detectors, options of channels. */
export const EXTENSIONS: Extensions = {
  formats: [],
  detectors: {},
  channels: Object.fromEntries(CHANNELS.map(({ name, options }) => [name, options])),
}
