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
  boolean: 0x01,
  integer: 0x02,
  octetString: 0x04,
  oid: 0x06,
  enumerated: 0x0a,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const

/** First byte of the contents of the element at `at`. */
export function contentsAt(bytes: Uint8Array, at: number): number {
  const length = bytes[at + 1]
  return at + 2 + (length < 0x80 ? 0 : length & 0x7f)
}

/** The byte after the element at `at`, or -1 when its tag or length is malformed or reaches beyond `end`. */
export function endAt(bytes: Uint8Array, at: number, end: number): number {
  if (at + 2 > end || (bytes[at] & 0x1f) === 0x1f) return -1
  const first = bytes[at + 1]
  const from = contentsAt(bytes, at)
  if (first === 0x80 || first > 0x84 || from > end) return -1
  let length = first < 0x80 ? first : 0
  for (let i = at + 2; i < from; i++) length = length * 256 + bytes[i]
  return from + length > end ? -1 : from + length
}

/** The element at `at`, or undefined when it is malformed. */
export function elementAt(bytes: Uint8Array, at: number, end: number): Element | undefined {
  const to = endAt(bytes, at, end)
  return to < 0 ? undefined : { tag: bytes[at], from: contentsAt(bytes, at), to }
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
export function hexOf(bytes: Uint8Array, element: Pick<Element, 'from' | 'to'>): string {
  let hex = ''
  for (let i = element.from; i < element.to; i++) hex += HEX[bytes[i]]
  return hex
}

const decoder = new TextDecoder()

/** Contents as text: right for the UTF-8, printable, IA5 and time types. */
export function textIn(bytes: Uint8Array, element: Element): string {
  return decoder.decode(bytes.subarray(element.from, element.to))
}
