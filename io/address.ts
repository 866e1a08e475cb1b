import { BlockList, isIP } from 'node:net'

/**
 * Addresses that are not of the public internet (IANA special-purpose registries). IPv4 rules match the mapped form
 * `::ffff:a.b.c.d` by themselves; the other forms that carry an IPv4 address are refused whole, because nothing public
 * needs them.
 */
const SPECIAL: readonly (readonly [network: string, prefix: number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
  ['::', 96],
  ['::ffff:0:0:0', 96],
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['100::', 64],
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
  ['5f00::', 16],
  ['fc00::', 7],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
]

const special = listOf(SPECIAL)
const loopback = listOf([
  ['127.0.0.0', 8],
  ['::1', 128],
])

function listOf(networks: typeof SPECIAL): BlockList {
  const list = new BlockList()
  for (const [network, prefix] of networks)
    list.addSubnet(network, prefix, network.includes(':') ? 'ipv6' : 'ipv4')
  return list
}

/** True for an address of the public internet; false for any other text. */
export function isPublicAddress(address: string): boolean {
  const family = isIP(address)
  return family !== 0 && !address.includes('%') && !special.check(address, family === 6 ? 'ipv6' : 'ipv4')
}

/** True for an address that only this machine reaches; false for any other text. */
export function isLoopbackAddress(address: string): boolean {
  const family = isIP(address)
  return family !== 0 && loopback.check(address, family === 6 ? 'ipv6' : 'ipv4')
}
