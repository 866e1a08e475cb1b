import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { withKafkaPaths } from '../domain/config/kafka.ts'
import { type ConfigResult, readConfig } from '../domain/config/read.ts'
import { withRedisPaths } from '../domain/config/redis.ts'
import type { Config, Extensions } from '../domain/config/schema.ts'
import { withTelemetryPaths } from '../domain/config/telemetry.ts'
import { fileError } from './world-error.ts'

/**
 * Reads the configuration from a file. Paths in it become absolute: what is written is relative to the folder
 * of the file, so that it means the same wherever the process was started.
 * @throws WorldError when the file cannot be read
 */
export async function readConfigFile(path: string, extensions: Extensions): Promise<ConfigResult> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw fileError(path, cause)
  })
  const result = readConfig(text, path, extensions)
  return 'config' in result ? { config: withAbsolutePaths(result.config, dirname(path)) } : result
}

/** The configuration with its relative paths taken from `folder`; names of sources stay as they were written. */
export function withAbsolutePaths(config: Config, folder: string): Config {
  const absolute = <T extends { file?: string }>(place: T): T =>
    place.file === undefined ? place : { ...place, file: resolve(folder, place.file) }
  const endpoints = config.alerter.endpoints.map((endpoint) => ({
    ...endpoint,
    secrets: endpoint.secrets.map(absolute),
  }))
  return {
    ...config,
    dataDir: resolve(folder, config.dataDir),
    sources: config.sources.map(absolute),
    ...(config.bearerKey && { bearerKey: absolute(config.bearerKey) }),
    ...(config.kafka && { kafka: withKafkaPaths(config.kafka, (path) => resolve(folder, path)) }),
    alerter: { ...config.alerter, endpoints },
    telemetry: withTelemetryPaths(config.telemetry, (path) => resolve(folder, path)),
    ...(config.redis && { redis: withRedisPaths(config.redis, (path) => resolve(folder, path)) }),
  }
}
