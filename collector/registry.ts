import type { Parser } from './parser.ts'
import { crl } from './parsers/crl.ts'
import { envoyJson } from './parsers/envoy-json.ts'
import { meshwatch } from './parsers/meshwatch.ts'
import { stepCa } from './parsers/step-ca.ts'

/** Every log format, in the order in which `auto` tries them. */
export const PARSERS: readonly Parser[] = [envoyJson, meshwatch, stepCa, crl]

export function parserNamed(name: string): Parser | undefined {
  return PARSERS.find((parser) => parser.name === name)
}
