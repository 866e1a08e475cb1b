import { createHmac } from 'node:crypto'
import { createMemo } from '../collector/memo.ts'
import type { SourceContext } from '../collector/parser.ts'
import type { RawRecord } from '../domain/ports.ts'

/** A record as the reader makes it from `bytes`; `framing` whole leaves the text empty. */
export function rawRecord(bytes: Uint8Array, framing: 'line' | 'whole' = 'line'): RawRecord {
  const text = framing === 'whole' ? '' : new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
  return { text, chunk: bytes, from: 0, to: bytes.length, offset: 0, line: 1, length: bytes.length }
}

export function textRecord(text: string): RawRecord {
  return rawRecord(new TextEncoder().encode(text))
}

export function testContext(): SourceContext {
  return {
    source: 'test',
    trustDomain: 'cluster.local',
    hmac: (secret) => `hmac-sha256:${createHmac('sha256', 'test key').update(secret).digest('hex')}`,
    memo: createMemo(),
  }
}
