import { canonicalIssuer } from '../../domain/credential.ts'
import { bounded } from '../value.ts'
import { childrenOf, type Element, hexOf, textIn } from './der.ts'

/** Attribute types of RFC 4519 by the hex of their object identifier. */
const TYPES: ReadonlyMap<string, string> = new Map([
  ['550403', 'CN'],
  ['550406', 'C'],
  ['550407', 'L'],
  ['550408', 'ST'],
  ['55040a', 'O'],
  ['55040b', 'OU'],
])

/** The canonical issuer of an encoded name; undefined when it holds none of the usual attributes. */
export function issuerName(bytes: Uint8Array, name: Element): string | undefined {
  const attributes: string[] = []
  for (const set of childrenOf(bytes, name) ?? []) {
    for (const attribute of childrenOf(bytes, set) ?? []) {
      const [type, value] = childrenOf(bytes, attribute) ?? []
      const word = type === undefined ? undefined : TYPES.get(hexOf(bytes, type))
      if (word !== undefined && value !== undefined) {
        attributes.push(`${word}=${bounded(textIn(bytes, value)).replace(/[\\,]/g, '\\$&')}`)
      }
    }
  }
  return attributes.length === 0 ? undefined : canonicalIssuer(attributes.join(','))
}
