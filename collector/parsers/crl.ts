import { crlForm, pemBlocks } from '../crl/pem.ts'
import { eventsOf, readList } from '../crl/revocation-list.ts'
import type { Parser } from '../parser.ts'

/** Bytes at the beginning of a file by which a list is recognised. */
const HEAD_BYTES = 4096

/**
 * Certificate revocation lists (RFC 5280), DER or PEM, several in one PEM file. The signature is not verified: the
 * file is as trustworthy as whoever may write it.
 */
export const crl: Parser = {
  name: 'crl',
  describes: 'X.509 certificate revocation lists in DER or PEM form',
  framing: 'whole',
  carries: ['lifecycle', 'revocation'],
  matches: ({ chunk, from, to }) =>
    crlForm(chunk.subarray(from, Math.min(to, from + HEAD_BYTES))) !== undefined,
  parse: ({ chunk, from, to }) => {
    if (from === to) return 'empty'
    const bytes = chunk.subarray(from, to)
    const isDer = crlForm(bytes.subarray(0, HEAD_BYTES)) === 'der'
    const lists = (isDer ? [bytes] : (pemBlocks(bytes) ?? [])).map(readList)
    const sound = lists.filter((list) => list !== undefined)
    if (lists.length === 0 || sound.length < lists.length) return 'invalid-crl'
    return { [Symbol.iterator]: () => sound.values().flatMap(eventsOf) }
  },
}
