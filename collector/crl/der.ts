/**
 * Distinguished Encoding Rules (ITU-T X.690) as far as a revocation list needs them: tags of one byte, definite
 * lengths. An element is read where it lies; nothing is copied, and memory does not grow with the list.
 */
export interface Element {
  readonly tag: number
  /** First byte of the contents, and the byte after the last. */
  readonly from: number
  readonly to: number
}

export const TAG = {
  integer: 0x02,
  octetString: 0x04,
  oid: 0x06,
  enumerated: 0x0a,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const

/** The element at `at`, or undefined when its tag or length is malformed or reaches beyond `end`. */
export function elementAt(bytes: Uint8Array, at: number, end: number): Element | undefined {
  if (at + 2 > end || (bytes[at] & 0x1f) === 0x1f) return undefined
  const first = bytes[at + 1]
  const lengthBytes = first < 0x80 ? 0 : first & 0x7f
  const from = at + 2 + lengthBytes
  if (first === 0x80 || lengthBytes > 4 || from > end) return undefined
  let length = lengthBytes === 0 ? first : 0
  for (let i = at + 2; i < from; i++) length = length * 256 + bytes[i]
  return from + length > end ? undefined : { tag: bytes[at], from, to: from + length }
}

/** The elements that lie in `outer` one after the other, or undefined when one is malformed. */
export function childrenOf(bytes: Uint8Array, outer: Element): readonly Element[] | undefined {
  const children: Element[] = []
  for (let at = outer.from; at < outer.to; ) {
    const child = elementAt(bytes, at, outer.to)
    if (child === undefined) return undefined
    children.push(child)
    at = child.to
  }
  return children
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

/** Contents in lower-case hex. */
export function hexOf(bytes: Uint8Array, element: Element): string {
  let hex = ''
  for (let i = element.from; i < element.to; i++) hex += HEX[bytes[i]]
  return hex
}

const decoder = new TextDecoder()

/** Contents as text: right for the UTF-8, printable, IA5 and time types. */
export function textIn(bytes: Uint8Array, element: Element): string {
  return decoder.decode(bytes.subarray(element.from, element.to))
}
