/**
 * Looks over MessagePack (https://github.com/msgpack/msgpack/blob/master/spec.md) before it is decoded: only plain
 * values and typed arrays, nothing announced that does not follow, no deep nesting. Extension types could otherwise
 * make a decoder build regular expressions, errors or code, and an array's header alone could make it reserve gigabytes.
 */

const MOST_NESTING = 4
/** Extension type of typed arrays in msgpackr. */
const TYPED_ARRAY = 0x74

/** Bytes of value behind the first byte of fixed-size types: nil, booleans, floats, integers but for 64-bit ones. */
const FIXED_BYTES: Readonly<Record<number, number>> = {
  192: 0,
  194: 0,
  195: 0,
  202: 4,
  203: 8,
  204: 1,
  205: 2,
  206: 4,
  208: 1,
  209: 2,
  210: 4,
}
/** Bytes of the length that follows the first byte. */
const STRING_LENGTH: Readonly<Record<number, number>> = { 217: 1, 218: 2, 219: 4 }
const EXTENSION_LENGTH: Readonly<Record<number, number>> = { 199: 1, 200: 2, 201: 4 }
const ARRAY_LENGTH: Readonly<Record<number, number>> = { 220: 2, 221: 4 }
const MAP_LENGTH: Readonly<Record<number, number>> = { 222: 2, 223: 4 }

/** True when `bytes` are exactly one plain value. */
export function isPlainMessagePack(bytes: Uint8Array): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return skipValue(view, 0, MOST_NESTING) === bytes.length
}

/** Place behind the value at `at`; NaN, which fails every comparison, when it is not plain or cut off. */
function skipValue(view: DataView, at: number, nesting: number): number {
  if (!(at < view.byteLength)) return Number.NaN
  const type = view.getUint8(at)
  if (type < 0x80 || type >= 0xe0) return at + 1
  if (type >= 0xa0 && type < 0xc0) return at + 1 + (type & 0x1f)
  if (type >= 0x90 && type < 0xa0) return skipItems(view, at + 1, { items: type & 0x0f, nesting })
  if (type < 0x90) return skipItems(view, at + 1, { items: 2 * (type & 0x0f), nesting })
  if (type in FIXED_BYTES) return at + 1 + FIXED_BYTES[type]
  return skipLong(view, at, nesting)
}

/** A value whose length is written before it. */
function skipLong(view: DataView, at: number, nesting: number): number {
  const type = view.getUint8(at)
  const lengthBytes = STRING_LENGTH[type] ?? EXTENSION_LENGTH[type] ?? ARRAY_LENGTH[type] ?? MAP_LENGTH[type]
  const from = at + 1 + lengthBytes
  if (!(from <= view.byteLength)) return Number.NaN
  const length = readLength(view, at + 1, lengthBytes)
  if (type in STRING_LENGTH) return from + length
  if (type in ARRAY_LENGTH) return skipItems(view, from, { items: length, nesting })
  if (type in MAP_LENGTH) return skipItems(view, from, { items: 2 * length, nesting })
  return from < view.byteLength && view.getUint8(from) === TYPED_ARRAY ? from + 1 + length : Number.NaN
}

function readLength(view: DataView, at: number, bytes: number): number {
  if (bytes === 1) return view.getUint8(at)
  return bytes === 2 ? view.getUint16(at) : view.getUint32(at)
}

function skipItems(
  view: DataView,
  from: number,
  { items, nesting }: { items: number; nesting: number },
): number {
  if (nesting === 0 || items > view.byteLength - from) return Number.NaN
  let at = from
  for (let i = 0; i < items && at <= view.byteLength; i++) at = skipValue(view, at, nesting - 1)
  return at
}
