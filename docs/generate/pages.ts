import { EXTENSIONS } from '../../cli/extensions.ts'
import type { OptionSchema } from '../../domain/config/option.ts'
import { configSchema } from '../../domain/config/schema.ts'
import { configurationPage } from './configuration.ts'
import { rejectsPage } from './rejects.ts'

/** One generated page of `docs/reference/`. */
export interface Page {
  /** Path from the root of the repository. */
  readonly path: string
  readonly text: string
}

/** Every generated page, from the registries and schemas as they are. */
export function generatePages(): readonly Page[] {
  const schema = configSchema(EXTENSIONS) as OptionSchema
  return [
    { path: 'docs/reference/configuration.md', text: configurationPage(schema) },
    { path: 'docs/reference/rejects.md', text: rejectsPage() },
  ]
}
