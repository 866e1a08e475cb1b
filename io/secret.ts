import { readFileSync } from 'node:fs'
import type { SecretReference } from '../domain/config/alerter.ts'
import type { EndpointConfig } from '../domain/config/endpoint.ts'
import { fileError, worldError } from './world-error.ts'

/**
 * The text of a secret, read from its file or environment variable, without white space around it.
 * @throws WorldError `secret-missing` that names the place and never the text
 */
export function readSecret({ file, env }: SecretReference, environment = process.env): string {
  const text = (file === undefined ? environment[env ?? ''] : readText(file))?.trim()
  if (text) return text
  const [place, fill] =
    file === undefined
      ? [`the environment variable ${env}`, 'set it']
      : [`the file ${file}`, 'write it there']
  throw worldError(
    'secret-missing',
    `found no secret in ${place}: ${fill}, or name another place in the configuration`,
  )
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    const { message } = fileError(file, cause)
    throw worldError('secret-missing', `cannot read a secret from a file: ${message}`, cause)
  }
}

/** The endpoint with the texts of its secrets among the options of its channel: never to be logged. */
export function withSecrets(
  { secrets, ...endpoint }: EndpointConfig,
  environment = process.env,
): Omit<EndpointConfig, 'secrets'> {
  const texts = secrets.map((reference) => readSecret(reference, environment))
  return { ...endpoint, options: { ...endpoint.options, ...(texts.length > 0 && { secrets: texts }) } }
}
