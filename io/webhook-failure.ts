import type { AttemptOutcome } from '../domain/incident.ts'

/** Codes of Node's and undici's errors, by the beginning of the code; the first that fits decides. */
const CLASSES: readonly (readonly [beginning: RegExp, outcome: AttemptOutcome])[] = [
  [/^(ETIMEDOUT|UND_ERR_\w+_TIMEOUT)/, 'timeout'],
  [/^(ENOTFOUND|EAI_|ENODATA|ESERVFAIL)/, 'dns'],
  [/^(CERT_|ERR_TLS_|ERR_SSL_|EPROTO|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_|INVALID_CA)/, 'tls'],
  [/^(HPE_|UND_ERR_HEADERS_OVERFLOW|UND_ERR_RES)/, 'protocol'],
  [/^(ECONN|EHOST|ENET|EPIPE|EADDR|EACCES|UND_ERR_SOCKET)/, 'connect'],
]

/** Which of the closed list an error of an attempt is. Its text goes nowhere: it may hold the URL. */
export function classifyFailure(error: unknown): AttemptOutcome {
  if (!(error instanceof Error)) return 'protocol'
  if (error.name === 'TimeoutError' || error.name === 'AbortError') return 'timeout'
  const code = 'code' in error ? String(error.code) : ''
  return CLASSES.find(([beginning]) => beginning.test(code))?.[1] ?? 'protocol'
}
