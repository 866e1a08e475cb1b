import { promisify } from 'node:util'
import { gunzip, inflate, zstdDecompress } from 'node:zlib'
import type { Problem } from '../domain/route.ts'
import { hasCode } from './world-error.ts'

const DECODERS = { gzip: promisify(gunzip), deflate: promisify(inflate), zstd: promisify(zstdDecompress) }

/** The body of a request without its content encoding; it is never blown up beyond `maxBytes`. */
export async function decodeBody(
  bytes: Uint8Array,
  encoding: string,
  maxBytes: number,
): Promise<Uint8Array | Problem> {
  const name = encoding.trim().toLowerCase()
  if (name === 'identity') return bytes
  if (name !== 'gzip' && name !== 'deflate' && name !== 'zstd') {
    const detail = `content encoding must be one of ${Object.keys(DECODERS).join(', ')}, identity`
    return { status: 415, code: 'unsupported-content-encoding', detail }
  }
  try {
    return await DECODERS[name](bytes, { maxOutputLength: maxBytes })
  } catch (error) {
    if (hasCode(error, 'ERR_BUFFER_TOO_LARGE'))
      return {
        status: 413,
        code: 'body-too-large',
        detail: `the decompressed body is longer than ${maxBytes} bytes`,
      }
    return { status: 400, code: 'undecodable-body', detail: `the body cannot be decompressed as ${name}` }
  }
}
