const credential = { kind: 'x509', issuer: 'Mesh CA', id: 'c6e5fca123a985e98389de5a63ea4595' }
const call = { kind: 'call', caller: 'web', callee: 'ledger', credential, reporter: 'ledger-1' }

/** Lines of the last minutes before `now`: a certificate is used, revoked, and used on a new connection. */
export function revokedUse(now: number): readonly string[] {
  return [
    { ...call, time: now - 300_000, connection: '1' },
    { kind: 'lifecycle', time: now - 200_000, action: 'revoked', credential },
    { ...call, time: now - 100_000, connection: '2' },
    { ...call, time: now, connection: '2' },
  ].map((row) => JSON.stringify(row))
}
