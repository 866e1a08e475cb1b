import { Value } from 'typebox/value'
import { nearestWord } from './nearest.ts'
import { formatPath, type Mistake, type OptionPath, type OptionSchema, showKey } from './option.ts'
import { inUnitOf } from './quantity.ts'
import { describeFix, describeValue, exampleOf } from './wording.ts'

/**
 * Everything in `value` that does not fit `schema`, in the words of a person who has to put it right. Finds a
 * mistake exactly when the schema refuses the value with its defaults filled in.
 */
export function checkOptions(
  schema: OptionSchema,
  value: unknown,
  path: OptionPath = [],
): readonly Mistake[] {
  if (schema.type === 'object' && isRecord(value)) return checkKeys(schema, value, path)
  if (schema.type === 'array' && Array.isArray(value)) return checkItems(schema, value, path)
  return schema.type !== 'object' && Value.Check(schema, value) ? [] : [unfitting(schema, value, path)]
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function checkKeys(
  schema: OptionSchema,
  value: Readonly<Record<string, unknown>>,
  path: OptionPath,
): readonly Mistake[] {
  const options = schema.properties ?? {}
  const mistakes = Object.keys(value).flatMap((key) =>
    Object.hasOwn(options, key)
      ? checkOptions(options[key], value[key], [...path, key])
      : [unknownKey(schema, [...path, key])],
  )
  const missing = (schema.required ?? []).filter(
    (key) => !Object.hasOwn(value, key) && options[key].default === undefined,
  )
  return [
    ...mistakes,
    ...missing.map((key) => ({
      path,
      problem: `the key "${key}" is missing`,
      fix: `add ${exampleOf(options[key], [key]) || `"${key}"`} (${options[key].description})`,
    })),
  ]
}

function checkItems(schema: OptionSchema, value: readonly unknown[], path: OptionPath): readonly Mistake[] {
  if (value.length < (schema.minItems ?? 0)) return [unfitting(schema, value, path)]
  return value.flatMap((item, at) => checkOptions(schema.items ?? {}, item, [...path, at]))
}

function unfitting(schema: OptionSchema, value: unknown, path: OptionPath): Mistake {
  const problem =
    Array.isArray(value) && value.length === 0
      ? 'found an empty list'
      : `found ${describeValue(value, schema)}`
  const key = String(path.at(-1))
  const meant =
    typeof value === 'string' && (schema.type === 'integer' || schema.type === 'number')
      ? inUnitOf(key, value)
      : undefined
  if (meant !== undefined && Value.Check(schema, meant))
    return { path, problem, fix: `write the number alone: ${key}: ${meant}` }
  return { path, problem, fix: describeFix(schema, path) }
}

function unknownKey(schema: OptionSchema, path: OptionPath): Mistake {
  const key = String(path.at(-1))
  const options = schema.properties ?? {}
  const problem = `the key "${showKey(key)}" is not known here`
  if (schema.hints && Object.hasOwn(schema.hints, key)) return { path, problem, fix: schema.hints[key] }
  const near = nearestWord(key, Object.keys(options))
  if (near !== undefined) {
    const example = exampleOf(options[near], [near])
    return { path, problem, fix: `did you mean "${near}"?${example && ` For example ${example}`}` }
  }
  const known = Object.keys(options)
  const where = path.length === 1 ? 'at the top' : `under ${formatPath(path.slice(0, -1))}`
  return {
    path,
    problem,
    fix: known.length === 0 ? 'remove it: no keys are known here' : `keys ${where} are: ${known.join(', ')}`,
  }
}
