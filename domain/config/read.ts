import { Value } from 'typebox/value'
import { checkOptions } from './check.ts'
import { endpointOf, type WrittenEndpoint } from './endpoint.ts'
import { formatPath, type Mistake, type OptionSchema } from './option.ts'
import { checkRules } from './rules.ts'
import { type Config, configSchema, type Extensions, type WrittenConfig } from './schema.ts'
import { readYaml } from './yaml.ts'

/** One thing to put right in a configuration file. */
export interface ConfigProblem {
  readonly file: string
  /** Both from 1. */
  readonly line: number
  readonly column: number
  /** Path of the option, e.g. `sources[0].format`; '' where the text is no YAML. */
  readonly key: string
  readonly problem: string
  readonly fix: string
}

export type ConfigResult = { readonly config: Config } | { readonly problems: readonly ConfigProblem[] }

/** Longest configuration in characters. */
const MAX_LENGTH = 1_048_576
const MAX_PROBLEMS = 50

/**
 * The configuration that a text of YAML says, with every default filled in; '' is a whole one. Does no I/O.
 * @param file the name that problems carry
 * @returns the configuration, or the first 50 problems in the order of the lines
 */
export function readConfig(text: string, file: string, extensions: Extensions): ConfigResult {
  if (text.length > MAX_LENGTH) return { problems: [tooLong(file)] }
  const yaml = readYaml(text)
  if ('problems' in yaml) return { problems: firstOf(yaml.problems.map((it) => ({ file, key: '', ...it }))) }
  const result = fill(yaml.value ?? {}, extensions)
  if ('config' in result) return result
  const problems = result.mistakes.map(({ path, problem, fix }) => {
    return { file, ...yaml.placeOf(path), key: formatPath(path), problem, fix }
  })
  return { problems: firstOf(problems) }
}

function firstOf(problems: readonly ConfigProblem[]): readonly ConfigProblem[] {
  return problems.toSorted((a, b) => a.line - b.line || a.column - b.column).slice(0, MAX_PROBLEMS)
}

/** One line for people: `meshwatch.yaml:12:3: api.port: found …; write …`. */
export function formatProblem({ file, line, column, key, problem, fix }: ConfigProblem): string {
  return `${file}:${line}:${column}: ${key && `${key}: `}${problem}; ${fix}`
}

function tooLong(file: string): ConfigProblem {
  const problem = `the file is longer than ${MAX_LENGTH} characters`
  return { file, line: 1, column: 1, key: '', problem, fix: 'name the file that holds the configuration' }
}

function fill(value: unknown, extensions: Extensions): { config: Config } | { mistakes: readonly Mistake[] } {
  const schema = configSchema(extensions)
  const unfitting = checkOptions(schema as OptionSchema, value)
  if (unfitting.length > 0) return { mistakes: unfitting }
  const written = Value.Default(schema, value) as WrittenConfig
  const channels = Object.keys(extensions.channels)
  const endpoints = written.alerter.endpoints.map((it, at) => endpointOf(it as WrittenEndpoint, channels, at))
  const config: Config = {
    ...written,
    sources: written.sources.map((source) => ({
      ...source,
      name: source.name ?? source.file ?? source.kafka?.topic ?? 'stdin',
    })),
    alerter: { ...written.alerter, endpoints: endpoints.filter((it) => 'channel' in it) },
  }
  const unclear = endpoints.filter((it) => 'problem' in it)
  const mistakes = unclear.length > 0 ? unclear : checkRules(config)
  return mistakes.length > 0 ? { mistakes } : { config }
}
