import type { CredentialRef } from '../domain/credential.ts'

/**
 * What is remembered of one source, so that a text seen before is not canonicalised again and comes back as the
 * same string, whose hash the engine already knows. Never more than a memory: an answer is the same without it.
 */
export interface Memo {
  /** Spelling → canonical identity, '' when it is none. */
  readonly identities: Map<string, string>
  /** Host, cluster or server name → identity of the service it names, '' when it names none. */
  readonly hosts: Map<string, string>
  /** Address → the caller's name when nothing better is known. */
  readonly addresses: Map<string, string>
  /** Address of a proxy → what it is, for the identity that it wrote last. */
  readonly proxies: Map<string, Sidecar>
  /** Serial number as written → the certificate, for the name and issuer that it had last. */
  readonly peers: Map<string, PeerCertificate>
  /** Path template → the operation, for the method that it came with last. */
  readonly operations: Map<string, Operation>
  /** Name of the format that `auto` recognised last. */
  format: string | undefined
}

/** The proxy that wrote a row. */
export interface Sidecar {
  /** Its own name as written, absent when it showed none. */
  readonly text: string | undefined
  /** Canonical; '' when the text is no identity. */
  readonly identity: string | undefined
  /** Connection ids are counted by each process: one identity has many, told apart by the address they listen on. */
  readonly reporter: string | undefined
}

/** A certificate that a peer showed, and whom it names. */
export interface PeerCertificate {
  /** As written, absent when the row has none. */
  readonly name: string | undefined
  readonly issuer: string | undefined
  /** Canonical; '' when the name is no identity. */
  readonly identity: string | undefined
  readonly credential: CredentialRef | undefined
}

/** A method on a path template: `GET /orders/{}`. */
export interface Operation {
  readonly method: string
  readonly text: string
}

/** Entries a map holds before it forgets all of them: room for a large mesh, a bound for a flood of made-up names. */
const MAX_ENTRIES = 50_000

/** Longer texts are not remembered, so a full map is some 10 MB and not 100. */
const MAX_KEY_LENGTH = 200

export function createMemo(): Memo {
  return {
    identities: new Map(),
    hosts: new Map(),
    addresses: new Map(),
    proxies: new Map(),
    peers: new Map(),
    operations: new Map(),
    format: undefined,
  }
}

/** Stores `value` under `key` unless the key is too long to keep. @returns the value */
export function remember<Value>(map: Map<string, Value>, key: string, value: Value): Value {
  if (key.length > MAX_KEY_LENGTH) return value
  if (map.size >= MAX_ENTRIES) map.clear()
  map.set(key, value)
  return value
}
