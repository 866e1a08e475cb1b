import { EXTENSIONS } from '../../cli/extensions.ts'
import type { OptionSchema } from '../../domain/config/option.ts'
import { configSchema } from '../../domain/config/schema.ts'
import { cliPage } from './cli.ts'
import { closedListsPage } from './closed-lists.ts'
import { configurationPage } from './configuration.ts'
import { detectorsPage } from './detectors.ts'
import { errorsPage } from './errors.ts'
import { eventsPage } from './events.ts'
import { findingsPage } from './findings.ts'
import { flowPicture } from './flow.ts'
import { metricsPage } from './metrics.ts'
import { parsersPage } from './parsers.ts'
import { rejectsPage } from './rejects.ts'

/** One generated file. */
export interface Page {
  /** Path from the root of the repository. */
  readonly path: string
  readonly text: string
}

/** Every generated page, from the registries and schemas as they are. */
export function generatePages(): readonly Page[] {
  const schema = configSchema(EXTENSIONS) as OptionSchema
  return [
    { path: 'docs/pictures/flow.svg', text: flowPicture() },
    { path: 'docs/reference/cli.md', text: cliPage() },
    { path: 'docs/reference/closed-lists.md', text: closedListsPage() },
    { path: 'docs/reference/configuration.md', text: configurationPage(schema) },
    { path: 'docs/reference/detectors.md', text: detectorsPage() },
    { path: 'docs/reference/errors.md', text: errorsPage() },
    { path: 'docs/reference/events.md', text: eventsPage() },
    { path: 'docs/reference/findings.md', text: findingsPage() },
    { path: 'docs/reference/metrics.md', text: metricsPage() },
    { path: 'docs/reference/parsers.md', text: parsersPage() },
    { path: 'docs/reference/rejects.md', text: rejectsPage() },
  ]
}
