/**
 * A caller that uses a revoked certificate on a new connection, as lines in our own format: a certain finding, and with
 * that a webhook of its own.
 */
export interface Theft {
  readonly thief: string
  readonly revocation: string
  /** The use, at a time. */
  use(time: number): string
}

/** @param revokedAt more than a few seconds before the use */
export function theftBy(thief: string, revokedAt: number): Theft {
  const credential = { kind: 'x509', issuer: 'bench', id: idOf(thief) }
  const line = (row: object): string => JSON.stringify(row)
  return {
    thief,
    revocation: line({ kind: 'lifecycle', action: 'revoked', time: revokedAt, credential }),
    use: (time) =>
      line({
        kind: 'call',
        time,
        caller: `spiffe://mesh.example/ns/bench/sa/${thief}`,
        callee: 'spiffe://mesh.example/ns/bench/sa/vault',
        reporter: 'vault',
        connection: thief,
        connectionStartTime: time,
        credential,
      }),
  }
}

const idOf = (thief: string): string => Buffer.from(thief).toString('hex').padStart(40, '7')
