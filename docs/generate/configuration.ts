import type { OptionSchema } from '../../domain/config/option.ts'
import { describeOption } from '../../domain/config/wording.ts'
import { code, sentence, table } from './table.ts'

/** `docs/reference/configuration.md`: every option of the schema, one table a section. */
export function configurationPage(schema: OptionSchema): string {
  return `# Configuration

Meshwatch reads one file, \`meshwatch.yaml\`, for every role. Each key is optional unless the table says
"required": an empty file is a whole configuration. Paths are relative to the folder of the file. Secrets are
never written into it: they are named by a file or an environment variable. Units stand in the names of the
keys. A file with a mistake stops the start with its line, its key, and what to write instead.

\`\`\`yaml
sources:
  - file: /var/log/envoy/access.log
  - file: /var/log/step-ca.json
    format: step-ca
alerter:
  endpoints:
    - name: pager
      webhook:
        url: https://alerts.example.com/meshwatch
        secrets:
          - env: PAGER_SECRET
\`\`\`

${sections(schema, []).join('\n\n')}
`
}

/** One section for the options of `schema`, then those of the blocks below it. */
function sections(schema: OptionSchema, path: readonly string[]): readonly string[] {
  const options = Object.entries(schema.properties ?? {})
  const title = path.length === 0 ? 'Top level' : `\`${path.join('.')}\``
  const rows = options.map(([key, option]) => optionRow(key, option, Boolean(schema.required?.includes(key))))
  const about = schema.description ? `\n\n${sentence(schema.description)}` : ''
  const below = options.flatMap(([key, option]) => {
    const block = option.type === 'array' ? option.items : option
    return block?.properties ? sections(block, [...path, option.type === 'array' ? `${key}[]` : key]) : []
  })
  return options.length === 0
    ? []
    : [`## ${title}${about}\n\n${table(['key', 'default', 'value', 'meaning'], rows)}`, ...below]
}

/** One option as a row: key, default, fitting value, meaning. */
export function optionRow(key: string, option: OptionSchema, isRequired: boolean): readonly string[] {
  const isBlock = option.properties !== undefined
  const value = isBlock ? 'keys of its own, below' : describeOption(option)
  return [code(key), isBlock ? '' : defaultOf(option, isRequired), value, option.description ?? '']
}

function defaultOf(option: OptionSchema, isRequired: boolean): string {
  if (option.default === undefined) return isRequired ? 'required' : ''
  return code(Array.isArray(option.default) ? '[]' : String(option.default))
}
