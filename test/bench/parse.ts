import { readFileSync } from 'node:fs'
import type { Parser } from '../../collector/parser.ts'
import { envoyJson } from '../../collector/parsers/envoy-json.ts'
import type { RawRecord } from '../../domain/ports.ts'
import { testContext, textRecord } from '../raw-record.ts'

/** Lines a second of one parser beside a bare `JSON.parse` over the same lines in the same run. */

/** The keys of a lean Envoy format, some 0.75 kB a line; undefined keeps all keys. */
const LEAN_KEYS = new Set([
  'start_time',
  'duration',
  'log_type',
  'method',
  'path',
  'response_code',
  'response_flags',
  'bytes_received',
  'bytes_sent',
  'connection_id',
  'downstream_direct_remote_address',
  'downstream_local_address',
  'downstream_local_uri_san',
  'downstream_peer_issuer',
  'downstream_peer_serial',
  'downstream_peer_uri_san',
  'downstream_tls_version',
  'downstream_transport_failure_reason',
  'upstream_cluster',
])
const LINES = 20_000
const ROUNDS = 40

function makeLines(keys: ReadonlySet<string> | undefined): RawRecord[] {
  const file = new URL('../fixtures/captures/envoy/inbound-ledger-1.jsonl', import.meta.url)
  const rows = readFileSync(file, 'utf8').trimEnd().split('\n')
  return Array.from({ length: LINES }, (_, i) => {
    const row = JSON.parse(rows[i % rows.length])
    row.downstream_peer_uri_san = `spiffe://mesh.lab/ns/shop/sa/service-${i % 97}`
    row.downstream_peer_serial = ((i % 97) * 0x1234567 + 0x59fe193d9f19).toString(16).padStart(32, 'a')
    row.path = `/entries/${i}`
    const entries = Object.entries(row).filter(([key]) => keys === undefined || keys.has(key))
    return textRecord(JSON.stringify(Object.fromEntries(entries)))
  })
}

/** Thousand calls of `run` a second. */
function rate(records: readonly RawRecord[], run: (record: RawRecord) => unknown): number {
  const begin = performance.now()
  for (const record of records) run(record)
  return records.length / (performance.now() - begin)
}

/** Best of several rounds of each, in turn, so that a busy neighbour slows both. */
function measure(name: string, parser: Parser, records: readonly RawRecord[]): void {
  const context = testContext()
  let bare = 0
  let parsed = 0
  for (let round = 0; round < ROUNDS; round++) {
    bare = Math.max(
      bare,
      rate(records, (record) => JSON.parse(record.text)),
    )
    parsed = Math.max(
      parsed,
      rate(records, (record) => parser.parse(record, context)),
    )
  }
  const bytes = records.reduce((sum, record) => sum + record.length, 0) / records.length
  const extraNs = (1 / parsed - 1 / bare) * 1e6
  console.log(
    `${name}: ${bytes.toFixed(0)} B a line, JSON.parse ${bare.toFixed(0)} k/s, parse ${parsed.toFixed(0)} k/s, ` +
      `${extraNs.toFixed(0)} ns a line more, ${(parsed / bare).toFixed(2)} of bare`,
  )
}

measure('envoy-json, lean keys', envoyJson, makeLines(LEAN_KEYS))
measure('envoy-json, all keys', envoyJson, makeLines(undefined))
