/** An encoded certificate revocation list (RFC 5280, section 5.1) of any size; its signature is zeros. */
export function revocationList(entries: number, dateOf = (_: number) => '261122130513Z'): Uint8Array {
  const revoked = Array.from({ length: entries }, (_, i) =>
    element(0x30, element(0x02, serial(i)), text(0x17, dateOf(i)), KEY_COMPROMISE),
  )
  const list = [VERSION_2, ECDSA, ISSUER, text(0x17, '261122140000Z'), element(0x30, ...revoked)]
  return element(0x30, element(0x30, ...list), ECDSA, element(0x03, Buffer.alloc(65)))
}

/** Nine bytes: 2^64 + i. */
function serial(i: number): Buffer {
  const bytes = Buffer.alloc(9)
  bytes[0] = 1
  bytes.writeUInt32BE(i, 5)
  return bytes
}

const VERSION_2 = element(0x02, Buffer.from([1]))
const ECDSA = element(0x30, element(0x06, Buffer.from('2a8648ce3d040302', 'hex')))
const ISSUER = element(
  0x30,
  element(0x31, element(0x30, element(0x06, Buffer.from('550403', 'hex')), text(0x0c, 'shop CA'))),
)
const KEY_COMPROMISE = element(
  0x30,
  element(0x30, element(0x06, Buffer.from('551d15', 'hex')), element(0x04, element(0x0a, Buffer.from([1])))),
)

function text(tag: number, value: string): Buffer {
  return element(tag, Buffer.from(value))
}

function element(tag: number, ...parts: Buffer[]): Buffer {
  const contents = Buffer.concat(parts)
  const { length } = contents
  if (length < 0x80) return Buffer.concat([Buffer.from([tag, length]), contents])
  return Buffer.concat([
    Buffer.from([tag, 0x83, length >> 16, (length >> 8) & 0xff, length & 0xff]),
    contents,
  ])
}
