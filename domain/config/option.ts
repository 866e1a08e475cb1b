import { isSecretLike } from './secret-like.ts'

/**
 * What the configuration reader and its reference read of an option's schema: plain JSON Schema words, and four
 * of our own that only shape messages.
 */
export interface OptionSchema {
  readonly type?: 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean'
  readonly description?: string
  readonly default?: unknown
  readonly enum?: readonly (string | number)[]
  readonly properties?: Readonly<Record<string, OptionSchema>>
  readonly required?: readonly string[]
  readonly items?: OptionSchema
  readonly const?: unknown
  readonly minItems?: number
  readonly minimum?: number
  readonly maximum?: number
  readonly exclusiveMinimum?: number
  /** What a fitting text is, in words, where a pattern alone would have to be shown. */
  readonly expects?: string
  /** A fitting value as YAML on one line, where the default is none. */
  readonly example?: string
  /** True when a wrong value must not be repeated in a message. */
  readonly sensitive?: boolean
  /** What to write instead, for keys that people try here. */
  readonly hints?: Readonly<Record<string, string>>
}

/** Where an option stands: keys and list positions from the top. */
export type OptionPath = readonly (string | number)[]

/** `sources[0].format` for `['sources', 0, 'format']`; a key that may be a secret is `…`. */
export function formatPath(path: OptionPath): string {
  return path
    .map((step, at) => (typeof step === 'number' ? `[${step}]` : `${at === 0 ? '' : '.'}${showKey(step)}`))
    .join('')
}

/** A key as messages show it: short, and never a secret that stands where a key belongs. */
export function showKey(key: string): string {
  return isSecretLike(key) ? '…' : key.slice(0, 60)
}

/** One thing wrong with a configuration, before its line is known. */
export interface Mistake {
  readonly path: OptionPath
  /** What was found, in words; never the text of a secret. */
  readonly problem: string
  /** What to write instead. */
  readonly fix: string
}
