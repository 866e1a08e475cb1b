import { formatProblem, readConfig } from '../domain/config/read.ts'
import type { Config } from '../domain/config/schema.ts'
import { readConfigFile } from '../io/config-file.ts'
import { EXTENSIONS } from './extensions.ts'

/** The configuration cannot be used; the message says for each mistake where it is and what to write instead. */
export class ConfigError extends Error {
  readonly code = 'config'
}

/**
 * The configuration of a file, or the defaults without one.
 * @throws ConfigError with a line for each mistake; WorldError when the file cannot be read
 */
export async function loadConfig(path: string | undefined): Promise<Config> {
  const result =
    path === undefined ? readConfig('', 'defaults', EXTENSIONS) : await readConfigFile(path, EXTENSIONS)
  if ('config' in result) return result.config
  throw new ConfigError(result.problems.map(formatProblem).join('\n'))
}
