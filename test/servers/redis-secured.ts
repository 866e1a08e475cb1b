import { type Certificate, writeCertificate } from './certificate.ts'
import type { RedisSettings } from './redis-node.ts'

/** TLS between all, and users. Whoever has no name may only ask whether a server is ready. */
export interface RedisSecurity {
  readonly certificate: Certificate
  /** Rules of each user of the data, by name: `{ meshwatch: '>secret ~mw:* +@read' }`. */
  readonly users: Readonly<Record<string, string>>
  /** The same at the sentinels. */
  readonly sentinelUsers?: Readonly<Record<string, string>>
}

/** Whom servers are to each other. */
export const ADMIN = { name: 'admin', password: 'among-servers' }

/** Opens a port with TLS; clients need no certificate. */
export function tlsSettings({ cert, key }: Certificate, port: number): RedisSettings {
  const files = { 'tls-cert-file': cert, 'tls-key-file': key, 'tls-ca-cert-file': cert }
  return { 'tls-port': `${port}`, 'tls-auth-clients': 'no', ...files }
}

/** Of a server with data, alone, in a cluster, or with a replica. */
export function securedNode({ certificate, users }: RedisSecurity, folder: string, port: number) {
  return {
    ...tlsSettings(writeCertificate(certificate, folder), port),
    'tls-replication': 'yes',
    'tls-cluster': 'yes',
    masteruser: ADMIN.name,
    masterauth: ADMIN.password,
    ...userLines(users, '+ping +info +cluster|info +cluster|nodes'),
  }
}

/** Of a sentinel that watches such servers under the name. */
export function securedSentinel(security: RedisSecurity, name: string, port: number, folder: string) {
  return {
    ...tlsSettings(writeCertificate(security.certificate, folder), port),
    'tls-replication': 'yes',
    'sentinel auth-user': `${name} ${ADMIN.name}`,
    'sentinel auth-pass': `${name} ${ADMIN.password}`,
    'sentinel sentinel-user': ADMIN.name,
    'sentinel sentinel-pass': ADMIN.password,
    ...userLines(security.sentinelUsers ?? {}, '+ping +sentinel|master'),
  }
}

function userLines(users: Readonly<Record<string, string>>, ofNobody: string): RedisSettings {
  const lines = Object.entries(users).map(([name, rules]) => [`user ${name}`, `on ${rules}`])
  return {
    ...Object.fromEntries(lines),
    'user default': `on nopass -@all ${ofNobody}`,
    [`user ${ADMIN.name}`]: `on >${ADMIN.password} ~* &* +@all`,
  }
}
