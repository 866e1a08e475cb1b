import { closeSync, existsSync, mkdirSync, openSync, statSync, writeSync } from 'node:fs'
import { join } from 'node:path'

/** Envoy JSON access log lines of some 0.75 kB with the identity keys, for benches. */

const START = Date.UTC(2026, 0, 5)
const SERVICES = 200
const CALLEES = 6
const CALLS_PER_SECOND = 200

const identity = (service: number) => `spiffe://mesh.example/ns/team-${service % 9}/sa/service-${service}`

/** Line number `i`: one call somewhere in a mesh of 200 services and 1,200 edges. */
export function envoyLine(i: number): string {
  const caller = (i * 7919) % SERVICES
  const callee = (caller + 1 + ((i * 104729) % CALLEES)) % SERVICES
  const time = new Date(START + Math.floor((i * 1000) / CALLS_PER_SECOND)).toISOString()
  return (
    `{"authority":"service-${callee}","bytes_received":${i % 900},"bytes_sent":${1000 + (i % 5000)},"connection_id":${caller},` +
    `"downstream_direct_remote_address":"10.1.${caller % 250}.7:${30000 + (i % 20000)}","downstream_local_address":"10.2.${callee % 250}.9:15006",` +
    `"downstream_local_uri_san":"${identity(callee)}","downstream_peer_issuer":"CN=mesh CA,O=example",` +
    `"downstream_peer_serial":"${(caller + 2 ** 44).toString(16).padStart(32, 'a')}","downstream_peer_uri_san":"${identity(caller)}",` +
    `"downstream_tls_version":"TLSv1.3","downstream_transport_failure_reason":null,"duration":${i % 40},"log_type":"DownstreamEnd","method":"GET",` +
    `"path":"/orders/${i}","protocol":"HTTP/2","request_id":"${(i + 2 ** 40).toString(16).padStart(32, '0')}","response_code":200,` +
    `"response_flags":"-","start_time":"${time}","upstream_cluster":"inbound|8080||","user_agent":"go-http/2.0"}`
  )
}

/** A file of so many lines under `.cache/bench`, written once. */
export function lineFile(lines: number): { readonly path: string; readonly bytes: number } {
  const folder = new URL('../../.cache/bench/', import.meta.url).pathname
  mkdirSync(folder, { recursive: true })
  const path = join(folder, `envoy-${lines}.jsonl`)
  if (!existsSync(path)) write(path, lines)
  return { path, bytes: statSync(path).size }
}

function write(path: string, lines: number): void {
  const file = openSync(path, 'w')
  for (let from = 0; from < lines; from += 5000) {
    const slice = Array.from({ length: Math.min(5000, lines - from) }, (_, i) => `${envoyLine(from + i)}\n`)
    writeSync(file, slice.join(''))
  }
  closeSync(file)
}
