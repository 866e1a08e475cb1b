import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { parseRecord } from '../collector/parse-record.ts'
import type { CallEvent, Event } from '../domain/event.ts'
import { captureRecords, linesOf } from './parser-fixtures.ts'
import { rawRecord, testContext } from './raw-record.ts'

/** Whole logs of real servers, through `auto`. */

function read(path: string): readonly Event[] {
  const context = testContext()
  return captureRecords(path).flatMap((record) => {
    const outcome = parseRecord(record, 'auto', context)
    assert.notEqual(typeof outcome, 'string', `${path}: ${outcome}`)
    return outcome as readonly Event[]
  })
}

function calls(path: string): readonly CallEvent[] {
  return read(path).filter((event) => event.kind === 'call')
}

/** Rows, calls counted, rows with a verified caller, rows refused. */
const ENVOY: readonly (readonly [
  file: string,
  rows: number,
  counted: number,
  verified: number,
  denied: number,
])[] = [
  ['inbound-ledger-1', 62, 62, 62, 8],
  ['inbound-ledger-2', 62, 62, 62, 3],
  ['inbound-pay', 51, 51, 51, 2],
  ['inbound-web', 2, 2, 2, 0],
  ['listener-ledger', 56, 0, 47, 8],
  ['listener-pay', 12, 0, 12, 0],
  ['listener-web', 2, 0, 1, 1],
  ['tcp', 17, 13, 17, 1],
  ['tcp-outbound', 13, 13, 13, 0],
  ['outbound-web', 84, 84, 81, 5],
  ['outbound-pay', 77, 77, 77, 2],
  ['outbound-ledger', 3, 3, 3, 1],
]

describe('captures of Envoy', () => {
  for (const [file, rows, counted, verified, denied] of ENVOY) {
    it(`${file} has its rows, calls, verified callers and refusals`, () => {
      const events = calls(`envoy/${file}.jsonl`)
      const sum = events.reduce((all, event) => all + event.count, 0)
      const found = [
        events.length,
        sum,
        events.filter((event) => event.callerVerified).length,
        events.filter((event) => event.denied).length,
      ]
      assert.deepEqual(found, [rows, counted, verified, denied])
    })
  }

  it('gives HTTP, TCP and listener rows of one connection the same reporter, id and address', () => {
    const peers = new Map<string, Set<string | undefined>>()
    for (const [file] of ENVOY) {
      for (const { side, reporter, connection, origin } of calls(`envoy/${file}.jsonl`)) {
        if (side === 'client' || connection === undefined) continue
        const key = `${reporter} ${connection}`
        peers.set(key, (peers.get(key) ?? new Set()).add(origin?.address))
      }
    }
    for (const [key, addresses] of peers) assert.equal(addresses.size, 1, key)
  })

  it('finds the revoked certificate on the connection that was open and on the new ones', () => {
    const lines = calls('envoy/inbound-ledger-2.jsonl').flatMap((event, i) =>
      event.credential?.id === 'c6e5fca123a985e98389de5a63ea4595' ? [[i + 1, event.connection]] : [],
    )
    const open = lines.filter(([, connection]) => connection === '39').map(([line]) => line)
    assert.deepEqual(open, [1, 3, 4, 5, 6])
    assert.deepEqual(
      lines.filter(([, connection]) => connection !== '39').map(([line]) => line),
      [11, 13, 15, 16],
    )
    const start = calls('envoy/listener-ledger.jsonl').find((event) => event.connection === '39')
    assert.equal(start?.connectionStartTime, Date.parse('2026-11-22T13:06:56.651Z'))
  })
})

describe('captures of step-ca', () => {
  it('names each step of each certificate, by the serial numbers that Envoy logs', () => {
    const steps = read('step-ca/ca.jsonl').map((event) =>
      event.kind === 'lifecycle' ? `${event.action} ${event.credential?.id ?? '-'}` : event.kind,
    )
    assert.deepEqual(steps, [
      'issued 829a99a5b5c0bcbfa4a065b6cf621921',
      'issued 59fe193d9f195676e2a5d022c53af996',
      'issued fd73cecb5b18da958ec401b90ebf31b6',
      'renewed f7f7a5591a039aaeb1c95ec3b7ceef9b',
      'rotated c6e5fca123a985e98389de5a63ea4595',
      'renewed 2e47d2846a9f741c63ff9207efabf137',
      'revoked c6e5fca123a985e98389de5a63ea4595',
      'issued 6b0e3f076c03b6d77948e1c8d18ce76d',
      'renewed a4e50523b0a15519ad3427a2daaacbfa',
      'renewed 1ae2c82d45b9c48d065b642741984279',
      'rotated 64ca5df26b8fe48b8f399c3ec2b5982c',
      'renewed eced828c7b1a742d249274690a8bea1d',
      'denied -',
      'denied -',
      'denied -',
    ])
  })
})

/** Where the full set of captures lies beside the repository. */
const SHARED = new URL('../../shared/captures/', import.meta.url)

describe('the other captures', { skip: !existsSync(SHARED) }, () => {
  function outcomes(path: string): Record<string, number> {
    const context = testContext()
    const found: Record<string, number> = {}
    for (const line of linesOf(readFileSync(new URL(path, SHARED)))) {
      const outcome = parseRecord(rawRecord(line), 'auto', context)
      const key = typeof outcome === 'string' ? outcome : `${[...outcome].length} events`
      found[key] = (found[key] ?? 0) + 1
    }
    return found
  }

  it('refuses the text lines around the log of step-ca and reads the rest', () => {
    assert.deepEqual(outcomes('step-ca/ca-full.mixed.log'), {
      'not-json': 17,
      '0 events': 80,
      '1 events': 47,
    })
  })

  it('reads the rows of an outage', () => {
    assert.deepEqual(outcomes('envoy/crl-outage-listener-ledger.jsonl'), { '1 events': 75 })
    assert.deepEqual(outcomes('envoy/crl-outage-outbound-web.jsonl'), { '1 events': 35 })
  })

  it('takes no other format for one of its own', () => {
    assert.deepEqual(outcomes('envoy/text-istio-inbound.log'), { 'not-json': 23 })
    assert.deepEqual(outcomes('keycloak/rest-events.jsonl'), { 'unknown-format': 18 })
    assert.deepEqual(outcomes('openbao/audit-mtls.jsonl'), { 'unknown-format': 45 })
  })
})
