import { CHANNELS } from '../alerter/registry.ts'
import { detectors } from '../analyzer/registry.ts'
import { PARSERS } from '../collector/registry.ts'
import type { Extensions } from '../domain/config/schema.ts'

/** What the registries add to the configuration: formats, options of detectors, options of channels. */
export const EXTENSIONS: Extensions = {
  formats: PARSERS.map(({ name }) => name),
  detectors: Object.fromEntries(detectors.map(({ name, options }) => [name, options])),
  channels: Object.fromEntries(CHANNELS.map(({ name, options }) => [name, options])),
}
