import type { OptionPath, OptionSchema } from './option.ts'
import { isSecretLike } from './secret-like.ts'

/** How configuration messages name values: what was found, and what to write instead. */

/** A value in words. The text of a secret, or of what might be one, is never repeated. */
export function describeValue(value: unknown, schema: OptionSchema): string {
  if (value === null || value === undefined) return 'nothing'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'a block of keys'
  if (typeof value !== 'string') return typeof value === 'number' ? `the number ${value}` : `${value}`
  if (value === '') return 'an empty text'
  if (schema.sensitive || isSecretLike(value))
    return 'a text, which is not repeated here because it may be a secret'
  return `the text ${JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value)}`
}

function range({ minimum, maximum, exclusiveMinimum }: OptionSchema): string {
  const from = exclusiveMinimum === undefined ? minimum : `above ${exclusiveMinimum}`
  if (from !== undefined && maximum !== undefined)
    return exclusiveMinimum === undefined ? ` from ${from} to ${maximum}` : ` ${from} and up to ${maximum}`
  if (from !== undefined) return ` of at least ${from}`
  return maximum === undefined ? '' : ` of at most ${maximum}`
}

/** What fits a schema, in words: `a whole number from 0 to 65535`. */
export function describeOption(schema: OptionSchema): string {
  if (schema.enum) return schema.enum.length === 1 ? `${schema.enum[0]}` : `one of ${schema.enum.join(', ')}`
  if (schema.const !== undefined) return `${schema.const}`
  if (schema.expects) return schema.expects
  if (schema.type === 'integer') return `a whole number${range(schema)}`
  if (schema.type === 'number') return `a number${range(schema)}`
  if (schema.type === 'boolean') return 'true or false'
  if (schema.type === 'array') return schema.minItems ? 'a list that is not empty' : 'a list'
  if (schema.type === 'object') return `keys below it (${Object.keys(schema.properties ?? {}).join(', ')})`
  return 'a text'
}

/** An example of a fitting value as YAML on one line, with its key where it has one; '' when there is none. */
export function exampleOf(schema: OptionSchema, path: OptionPath): string {
  const value = schema.example ?? (isPlain(schema.default) ? String(schema.default) : undefined)
  if (value === undefined) return ''
  const key = path.at(-1)
  return typeof key === 'string' ? `${key}: ${value}` : `- ${value}`
}

function isPlain(value: unknown): boolean {
  return value !== undefined && (typeof value !== 'object' || value === null)
}

/** `write … , for example …` for an option that holds something unfitting. */
export function describeFix(schema: OptionSchema, path: OptionPath): string {
  const example = exampleOf(schema, path)
  return `write ${describeOption(schema)}${example && `, for example ${example}`}`
}
