/**
 * Network addresses as proxies write them: `10.0.0.1:8080`, `[2001:db8::1]:443`, a bare address, a socket path.
 * Only the spelling is made one; what looks like an address in another notation (`0177.0.0.1`) is not interpreted.
 */

/** The address without its port: IPv6 in lower case without brackets, IPv4-mapped IPv6 as IPv4. */
export function addressOf(text: string): string {
  const colon = text.indexOf(':')
  if (colon < 0) return text
  if (text.charCodeAt(0) === 91) return unmapped(text.slice(1).split(']', 1)[0].toLowerCase())
  if (text.includes('/')) return text
  return text.indexOf(':', colon + 1) < 0 ? text.slice(0, colon) : unmapped(text.toLowerCase())
}

/** The port, or '' when the text has none. */
export function portOf(text: string): string {
  const colon = text.lastIndexOf(':')
  const isPort = text.charCodeAt(0) === 91 ? text.charCodeAt(colon - 1) === 93 : text.indexOf(':') === colon
  return colon >= 0 && isPort ? text.slice(colon + 1) : ''
}

function unmapped(address: string): string {
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address
}
