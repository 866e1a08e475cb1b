import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** A certificate for 127.0.0.1 and its key, both PEM. */
export interface Certificate {
  readonly cert: string
  readonly key: string
}

/** Writes `cert.pem` and `key.pem`. @returns their paths */
export function writeCertificate({ cert, key }: Certificate, folder: string): Certificate {
  const paths = { cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') }
  writeFileSync(paths.cert, cert)
  writeFileSync(paths.key, key, { mode: 0o600 })
  return paths
}
