import { readFileSync } from 'node:fs'
import type { SecretReference } from '../domain/config/schema.ts'

/**
 * The text of a secret, read from its file or environment variable, without white space around it.
 * @throws Error with code `secret-missing` that names the place and never the text
 */
export function readSecret({ file, env }: SecretReference, environment = process.env): string {
  const place = file === undefined ? `the environment variable ${env}` : `the file ${file}`
  try {
    const text = file === undefined ? environment[env ?? ''] : readFileSync(file, 'utf8')
    if (text !== undefined && text.trim() !== '') return text.trim()
  } catch (cause) {
    throw missing(`cannot read a secret from ${place}`, cause)
  }
  throw missing(`found no secret in ${place}: write it there, or change "secrets" in the configuration`)
}

function missing(message: string, cause?: unknown): Error {
  return Object.assign(new Error(message, { cause }), { code: 'secret-missing' })
}
