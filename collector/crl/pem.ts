const BEGIN = '-----BEGIN X509 CRL-----'
const END = '-----END X509 CRL-----'

/** How the list is written, judged by its first bytes; undefined when it is no list. */
export function crlForm(head: Uint8Array): 'pem' | 'der' | undefined {
  const isDer = head[0] === 0x30 && head[1] > 0x80 && head[1] <= 0x84 && head[head[1] - 0x80 + 2] === 0x30
  if (isDer) return 'der'
  return new TextDecoder().decode(head).includes(BEGIN) ? 'pem' : undefined
}

/** The DER bytes of each block (RFC 7468), or undefined when one is cut or holds other characters. */
export function pemBlocks(bytes: Uint8Array): readonly Uint8Array[] | undefined {
  const text = new TextDecoder().decode(bytes)
  const blocks: Uint8Array[] = []
  for (let at = text.indexOf(BEGIN); at >= 0; at = text.indexOf(BEGIN, at)) {
    const end = text.indexOf(END, at)
    const block = end < 0 ? undefined : fromBase64(text.slice(at + BEGIN.length, end))
    if (block === undefined) return undefined
    blocks.push(block)
    at = end
  }
  return blocks
}

function fromBase64(text: string): Uint8Array | undefined {
  try {
    const characters = atob(text)
    const bytes = new Uint8Array(characters.length)
    for (let i = 0; i < bytes.length; i++) bytes[i] = characters.charCodeAt(i)
    return bytes
  } catch {
    return undefined
  }
}
