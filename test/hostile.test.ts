import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { maskSecrets } from '../collector/mask.ts'
import { parseRecord } from '../collector/parse-record.ts'
import { envoyJson } from '../collector/parsers/envoy-json.ts'
import { stepCa } from '../collector/parsers/step-ca.ts'
import type { CallEvent, Event } from '../domain/event.ts'
import type { RejectReason } from '../domain/reject.ts'
import { captureRecords } from './parser-fixtures.ts'
import { rawRecord, testContext, textRecord } from './raw-record.ts'

/** Hostile records, each with its verdict. The numbers group them: 4 nesting, 9 times, 15 SPIFFE ids, 17 addresses … */

type Verdict = RejectReason | 'accepted'

const TIME = 1_795_352_713_684
const SOUND = { kind: 'call', time: TIME, caller: 'web', callee: 'pay' }
const ROW = JSON.parse(captureRecords('envoy/inbound-ledger-1.jsonl')[0].text)

function call(fields: object): string {
  return JSON.stringify({ ...SOUND, ...fields })
}

function row(fields: object): string {
  return JSON.stringify({ ...ROW, ...fields })
}

/** Our own format with one raw JSON value in place of the time's or a count's. */
function raw(key: string, json: string): string {
  return `${call({}).slice(0, -1)},"${key}":${json}}`
}

function parse(text: string): Iterable<Event> | RejectReason {
  return parseRecord(textRecord(text), 'auto', testContext())
}

function verdict(outcome: Iterable<Event> | RejectReason): Verdict {
  return typeof outcome === 'string' ? outcome : 'accepted'
}

function firstCall(text: string): CallEvent {
  const outcome = parse(text)
  assert.notEqual(typeof outcome, 'string', String(outcome))
  const event = (outcome as readonly Event[])[0]
  assert.equal(event.kind, 'call')
  return event as CallEvent
}

const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`
const DEEP = 1_000_000

const RECORDS: readonly (readonly [item: number, name: string, text: string, verdict: Verdict])[] = [
  [1, 'no byte', '', 'empty'],
  [1, 'only spaces', ' \t ', 'empty'],
  [1, 'a byte order mark before JSON', `\ufeff${call({})}`, 'accepted'],
  [3, 'a number', '17', 'not-an-object'],
  [3, 'a text', '"x"', 'not-an-object'],
  [3, 'null', 'null', 'not-an-object'],
  [3, 'true', 'true', 'not-an-object'],
  [3, 'an array', '[{"kind":"call"}]', 'not-an-object'],
  [4, 'nesting 1,000 in a field nobody reads', raw('x', nested(1000)), 'accepted'],
  [4, 'nesting 10,000', raw('x', nested(10_000)), 'too-deep'],
  [4, 'nesting 1,000,000', nested(DEEP), 'too-deep'],
  [4, 'nesting 1,000,000 that is never closed', '{"a":'.repeat(DEEP), 'too-deep'],
  [4, 'brackets inside a text', call({ operation: '['.repeat(20_000) }), 'accepted'],
  [
    5,
    '100,000 keys',
    `{${Array.from({ length: 100_000 }, (_, i) => `"k${i}":1`).join()},${call({}).slice(1)}`,
    'accepted',
  ],
  [5, 'an array of a million elements', raw('x', `[${'0,'.repeat(999_999)}0]`), 'accepted'],
  [6, 'a caller named twice', `{"caller":"ledger",${call({}).slice(1)}`, 'accepted'],
  [7, '__proto__ as a key', raw('__proto__', '{"callerVerified":false}'), 'accepted'],
  [7, '__proto__ as an identity', call({ caller: '__proto__', callee: 'constructor' }), 'accepted'],
  [7, 'toString and then as fields', raw('then', '1,"toString":1,"hasOwnProperty":1'), 'accepted'],
  [7, 'a kind that every object has', call({ kind: 'constructor' }), 'unknown-format'],
  [8, 'a count of 1e400', raw('count', '1e400'), 'invalid-number'],
  [8, 'a time of 1e400', raw('time', '1e400'), 'time-out-of-range'],
  [8, 'NaN as text', call({ bytesIn: 'NaN' }), 'wrong-type'],
  [8, 'minus zero', raw('bytesIn', '-0'), 'accepted'],
  [8, 'a negative count', call({ count: -1 }), 'invalid-number'],
  [8, '2^53 + 1', raw('bytesIn', '9007199254740993'), 'invalid-number'],
  [8, '0x10 as text', row({ bytes_sent: '0x10' }), 'wrong-type'],
  [8, 'a space and 5 as text', row({ bytes_sent: ' 5' }), 'wrong-type'],
  [8, '1e3 as text', row({ bytes_sent: '1e3' }), 'wrong-type'],
  [8, 'digits as text, which older proxies write', row({ bytes_sent: '5' }), 'accepted'],
  [9, 'no time', call({ time: null }), 'missing-field'],
  [9, 'a negative time', call({ time: -1 }), 'time-out-of-range'],
  [9, 'microseconds', call({ time: TIME * 1e3 }), 'time-out-of-range'],
  [9, 'nanoseconds', call({ time: TIME * 1e6 }), 'time-out-of-range'],
  [9, '1e16', call({ time: 1e16 }), 'time-out-of-range'],
  [9, 'no zone', call({ time: '2026-11-22T13:05:13' }), 'invalid-time'],
  [9, 'a leap second', call({ time: '2026-11-22T23:59:60Z' }), 'invalid-time'],
  [9, '30 February', row({ start_time: '2026-02-30T13:05:13.680Z' }), 'invalid-time'],
  [9, '24:00', call({ time: '2026-11-22T24:00:00Z' }), 'invalid-time'],
  [9, 'the year 275760', call({ time: '+275760-09-13T00:00:00Z' }), 'invalid-time'],
  [9, 'a time in an array', call({ time: [TIME] }), 'wrong-type'],
  [11, 'an unpaired surrogate in an identity', raw('caller', '"\\ud800"'), 'invalid-identity'],
  [11, 'an unpaired surrogate elsewhere', raw('operation', '"a\\ud800"'), 'accepted'],
  [13, 'bidirectional and zero-width characters', call({ caller: 'web\u202e\u200b' }), 'accepted'],
  [14, 'an identity of 10 KB', call({ caller: 'a'.repeat(10_000) }), 'invalid-identity'],
  [
    14,
    'an identity of 1 MB',
    row({ downstream_peer_uri_san: `spiffe://a/${'a'.repeat(1_000_000)}` }),
    'invalid-identity',
  ],
  [15, 'a SPIFFE id without a trust domain', call({ caller: 'spiffe:///web' }), 'invalid-identity'],
  [
    15,
    'an upper-case trust domain',
    row({ downstream_peer_uri_san: 'spiffe://MESH.lab/web' }),
    'invalid-identity',
  ],
  [15, 'dot segments', call({ caller: 'spiffe://mesh.lab/a/../b' }), 'invalid-identity'],
  [15, 'an encoded slash', call({ caller: 'spiffe://mesh.lab/a%2fb' }), 'invalid-identity'],
  [15, 'a port, query and fragment', call({ caller: 'spiffe://mesh.lab:1/a?b#c' }), 'invalid-identity'],
  [
    15,
    'a SPIFFE id over 2,048 bytes',
    call({ caller: `spiffe://a/${'a'.repeat(2040)}` }),
    'invalid-identity',
  ],
  [15, 'another trust domain', call({ caller: 'spiffe://other.lab/a' }), 'accepted'],
  [
    16,
    'NUL in a certificate name',
    row({ downstream_peer_uri_san: 'spiffe://mesh.lab/a\u0000' }),
    'invalid-identity',
  ],
  [
    16,
    'a wildcard in a certificate name',
    row({ downstream_peer_uri_san: 'spiffe://mesh.lab/*' }),
    'invalid-identity',
  ],
  [
    16,
    '10,000 certificate names',
    row({ downstream_peer_uri_san: Array(10_000).fill('spiffe://a/b').join() }),
    'accepted',
  ],
  [
    17,
    'addresses in other notations',
    row({ downstream_direct_remote_address: '0177.0.0.1/8:0' }),
    'accepted',
  ],
  [18, 'an array for a text', call({ operation: ['GET'] }), 'wrong-type'],
  [18, 'an object for an identity', call({ caller: {} }), 'wrong-type'],
  [18, 'a number for a path', row({ path: 17 }), 'wrong-type'],
  [
    29,
    '1,000 keys more',
    call(Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`k${i}`, i]))),
    'accepted',
  ],
  [29, 'a required field missing', call({ callee: null }), 'missing-field'],
  [29, 'an unknown word', call({ side: 'middle' }), 'wrong-type'],
  [29, 'a type swapped', call({ callerVerified: 'true' }), 'wrong-type'],
  [
    34,
    'a serial with prefix, case and padding',
    call({ credential: { kind: 'x509', id: '0x00C6:E5' } }),
    'accepted',
  ],
  [36, 'a time a year ahead, for the wall clock to judge', call({ time: TIME + 3.2e10 }), 'accepted'],
]

describe('hostile records', () => {
  for (const [item, name, text, expected] of RECORDS)
    it(`${item}: ${name} is ${expected}`, () => assert.equal(verdict(parse(text)), expected))

  it('2: a sound record cut at any byte is refused, and the next one is read', () => {
    const context = testContext()
    for (const text of [call({ operation: 'GET /é' }), row({})]) {
      const bytes = new TextEncoder().encode(text)
      for (let end = 1; end < bytes.length; end++) {
        assert.equal(parseRecord(rawRecord(bytes.slice(0, end)), 'auto', context), 'not-json')
      }
      assert.equal(verdict(parseRecord(rawRecord(bytes), 'auto', context)), 'accepted')
    }
  })

  it('5: a record of which only the beginning was kept is too large, whatever its beginning says', () => {
    const record = textRecord(call({}))
    assert.equal(parseRecord({ ...record, length: record.length + 1 }, 'auto', testContext()), 'too-large')
  })

  it('6: of two callers the last one counts', () => {
    assert.equal(firstCall(`{"caller":"ledger",${call({}).slice(1)}`).caller, 'web')
  })

  it('7: names that every object has are names like others', () => {
    const event = firstCall(raw('__proto__', '{"callerVerified":false,"denied":true}'))
    assert.equal(event.callerVerified, true)
    assert.equal(event.denied, false)
    assert.equal(firstCall(call({ caller: 'hasOwnProperty' })).caller, 'hasOwnProperty')
  })

  it('11: invalid UTF-8 and overlong forms read as U+FFFD and break nothing', () => {
    const bytes = new TextEncoder().encode(call({ operation: 'ab' }))
    const at = call({ operation: 'ab' }).indexOf('ab')
    bytes.set([0xc0, 0xaf], at)
    const outcome = parseRecord(rawRecord(bytes), 'auto', testContext())
    assert.equal(verdict(outcome), 'accepted')
    assert.match(String((outcome as readonly CallEvent[])[0].operation), /^\ufffd+$/)
  })

  it('12: control characters stay as they are, for the output to escape', () => {
    const text = 'a\u0000\u001b[31m\r\n\u2028\u007f'
    const event = firstCall(call({ caller: text, operation: text, reporter: text, origin: { node: text } }))
    assert.deepEqual(
      [event.caller, event.operation, event.reporter, event.origin?.node],
      [text, text, text, text],
    )
  })

  it('13: look-alikes are different identities', () => {
    const names = ['pay', 'p\u0430y', 'pay\u200b', 'caf\u00e9', 'cafe\u0301', 'k', '\u212a', '\uff50ay']
    const identities = names.map((caller) => firstCall(call({ caller })).caller)
    assert.deepEqual(new Set(identities).size, names.length)
  })

  it('16: one serial number of two issuers is two credentials', () => {
    const context = testContext()
    const issuers = ['CN=a', 'CN=b', 'CN=a'].map((issuer) => {
      const outcome = envoyJson.parse(textRecord(row({ downstream_peer_issuer: issuer })), context)
      return (outcome as readonly CallEvent[])[0].credential?.issuer
    })
    assert.deepEqual(issuers, ['a', 'b', 'a'])
  })

  const addresses: readonly (readonly [string, string])[] = [
    ['0177.0.0.1:80', '0177.0.0.1'],
    ['[::FFFF:10.0.0.1]:80', '10.0.0.1'],
    ['[fe80::1%eth0]:0', 'fe80::1%eth0'],
    ['10.0.0.0/8', '10.0.0.0/8'],
    ['2001:DB8::1', '2001:db8::1'],
    ['pay.shop.test:80', 'pay.shop.test'],
    ['@/tmp/pay.sock', '@/tmp/pay.sock'],
  ]
  for (const [text, address] of addresses)
    it(`17: the address ${text} is ${address}`, () =>
      assert.equal(firstCall(row({ downstream_direct_remote_address: text })).origin?.address, address))

  it('17: a forwarded-for of 1,000 hops changes nothing', () => {
    const hops = Array(1000).fill('203.0.113.9').join(', ')
    const forged = row({
      x_forwarded_for: hops,
      downstream_remote_address: '203.0.113.9:0',
      xfcc: 'URI=spiffe://a/b',
    })
    assert.deepEqual(parse(forged), parse(row({})))
  })

  it('19, 20: a flood of new names fills no memory', () => {
    const context = testContext()
    for (let i = 0; i < 120_000; i++) {
      const flood = {
        start_time: ROW.start_time,
        method: `M${i}`,
        path: `/${'x'.repeat(i % 7)}/a${i}b`,
        authority: `host-${i}`,
        downstream_direct_remote_address: `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}:1`,
        downstream_peer_uri_san: i % 2 === 0 ? `spiffe://a/${i}` : null,
        downstream_peer_serial: i.toString(16),
        downstream_local_address: `h${i}:1`,
      }
      assert.equal(verdict(envoyJson.parse(textRecord(JSON.stringify(flood)), context)), 'accepted')
    }
    for (const map of Object.values(context.memo)) if (map instanceof Map) assert.ok(map.size <= 50_000)
  })

  it('21: secrets in any field are masked in what is kept of a refused record', () => {
    const jwt = 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.c2ln'
    const text = row({
      start_time: 'x',
      path: `/cb?access_token=${jwt}`,
      user_agent: 'Bearer abc',
      authority: 'u:p@h',
    })
    assert.equal(verdict(parse(text)), 'invalid-time')
    const kept = new TextDecoder().decode(maskSecrets(new TextEncoder().encode(text)))
    assert.ok(!kept.includes(jwt) && !kept.includes('Bearer abc'))
    assert.equal(kept.length, text.length)
  })

  it('21: a bearer secret never reaches an event', () => {
    for (const kind of ['token', 'api-key', 'client-secret'])
      assert.match(
        String(firstCall(call({ credential: { kind, id: 's3cret' } })).credential?.id),
        /^hmac-sha256:/,
      )
  })

  it('29: an unknown version of a format is of no known format', () => {
    assert.equal(verdict(parse('{"schema":"2","start":"2026-11-22T13:05:13Z"}')), 'unknown-format')
  })

  it('30, 31, 32, 33, 35: nothing of one record decides how another is read', () => {
    const context = testContext()
    const records = [row({}), call({ caller: 'meshwatch' }), captureRecords('step-ca/ca.jsonl')[3].text]
    const alone = records.map((text) => parse(text))
    for (let round = 0; round < 3; round++)
      assert.deepEqual(
        records.map((text) => parseRecord(textRecord(text), 'auto', context)),
        alone,
      )
  })

  it('34: one credential in its spellings is one credential', () => {
    const ids = ['0C6E5', 'c6:e5', '0xC6E5', 'c6e5'].map(
      (id) => firstCall(call({ credential: { kind: 'x509', id } })).credential?.id,
    )
    assert.deepEqual(new Set(ids), new Set(['c6e5']))
    assert.equal(firstCall(row({ downstream_peer_serial: '00C6E5' })).credential?.id, 'c6e5')
    const decimal = { ...JSON.parse(captureRecords('step-ca/ca.jsonl')[3].text), serial: '50917' }
    const steps = stepCa.parse(textRecord(JSON.stringify(decimal)), testContext())
    assert.equal((steps as readonly Event[])[0].credential?.id, 'c6e5')
  })
})
