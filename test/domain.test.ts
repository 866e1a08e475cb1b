import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import {
  canonicalFingerprint,
  canonicalIssuer,
  canonicalSerial,
  credentialKey,
  isBearerSecret,
} from '../domain/credential.ts'
import { canonicalIdentity, namespaceOf, roleOf, shortIdentity } from '../domain/identity.ts'
import { isPlausible, MAX_TIME, parseInstant } from '../domain/instant.ts'

describe('canonicalIdentity', () => {
  const same = [
    'spiffe://mesh.lab/ns/shop/sa/web',
    'spiffe://td',
    'web',
    'a b',
    '__proto__',
    'arn:aws:iam::1:role/x',
  ]
  for (const text of same)
    it(`leaves ${text}`, () => assert.deepEqual(canonicalIdentity(text), { identity: text }))

  const spellings: readonly (readonly [string, string])[] = [
    ['system:serviceaccount:shop:web', 'spiffe://cluster.local/ns/shop/sa/web'],
    ['cluster.local/ns/shop/sa/web', 'spiffe://cluster.local/ns/shop/sa/web'],
    ['web.shop.serviceaccount.identity.linkerd.cluster.local', 'spiffe://cluster.local/ns/shop/sa/web'],
  ]
  for (const [text, identity] of spellings)
    it(`reads ${text}`, () => assert.deepEqual(canonicalIdentity(text), { identity }))

  const refused = [
    '',
    'spiffe://',
    'spiffe:///ns/shop',
    'SPIFFE://mesh.lab/web',
    'spiffe://MESH.lab/web',
    'spiffe://mesh.lab:8443/web',
    'spiffe://user@mesh.lab/web',
    'spiffe://mesh.lab/',
    'spiffe://mesh.lab//web',
    'spiffe://mesh.lab/../web',
    'spiffe://mesh.lab/%2f',
    'spiffe://mesh.lab/web?a',
    'spiffe://mesh.lab/web#a',
    'system:serviceaccounts:shop',
    `spiffe://mesh.lab/${'a'.repeat(2048)}`,
    'a\ud800',
  ]
  for (const text of refused)
    it(`refuses ${JSON.stringify(text.slice(0, 40))}`, () =>
      assert.deepEqual(canonicalIdentity(text), { reason: 'invalid-identity' }))

  it('reads its own output as itself', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const canonical = canonicalIdentity(text)
        if ('identity' in canonical) assert.deepEqual(canonicalIdentity(canonical.identity), canonical)
      }),
    )
  })

  it('shortens for people what it can', () => {
    assert.equal(shortIdentity('spiffe://td/ns/shop/sa/web'), 'shop/web')
    assert.equal(shortIdentity('web'), 'web')
    assert.equal(namespaceOf('spiffe://td/ns/shop/sa/web'), 'spiffe://td/ns/shop')
    assert.equal(roleOf('worker-17'), 'worker-#')
  })
})

describe('credentials', () => {
  const serials: readonly (readonly [string, 10 | 16, string | undefined])[] = [
    ['0F:1F:04', 16, 'f1f04'],
    ['0x00c6E5', 16, 'c6e5'],
    ['-00c6', 16, 'c6'],
    ['C6 E5', 16, 'c6e5'],
    ['000', 16, '0'],
    ['264381303080009019568966360806413976981', 10, 'c6e5fca123a985e98389de5a63ea4595'],
    ['10', 16, '10'],
    ['10', 10, 'a'],
    ['', 16, undefined],
    ['::', 16, undefined],
    ['0x', 16, undefined],
    ['-', 10, undefined],
    ['c6', 10, undefined],
    ['web-1', 16, undefined],
    ['f'.repeat(41), 16, undefined],
    ['9'.repeat(50), 10, undefined],
  ]
  for (const [text, radix, expected] of serials)
    it(`reads the serial ${JSON.stringify(text.slice(0, 40))} to base ${radix}`, () =>
      assert.equal(canonicalSerial(text, radix), expected))

  it('reads a number the same to either base', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 160n - 1n }), (number) =>
        assert.equal(canonicalSerial(number.toString(10), 10), canonicalSerial(number.toString(16), 16)),
      ),
    )
  })

  const issuers: readonly (readonly [string, string])[] = [
    ['mesh-lab Intermediate CA', 'mesh-lab Intermediate CA'],
    ['CN=mesh-lab Intermediate CA,O=mesh-lab', 'mesh-lab Intermediate CA'],
    ['O = mesh-lab, CN = mesh-lab Intermediate CA', 'mesh-lab Intermediate CA'],
    ['CN=Shop\\, Inc,O=x', 'Shop, Inc'],
    ['OU=b,O=a', 'O=a,OU=b'],
    ['O=a, OU=b', 'O=a,OU=b'],
    ['', ''],
  ]
  for (const [text, expected] of issuers)
    it(`reads the issuer ${text}`, () => assert.equal(canonicalIssuer(text), expected))

  it('reads fingerprints of either hash', () => {
    assert.equal(canonicalFingerprint(`${'AB:'.repeat(31)}AB`), 'ab'.repeat(32))
    assert.equal(canonicalFingerprint('ab'.repeat(20)), 'ab'.repeat(20))
    assert.equal(canonicalFingerprint('ab'.repeat(21)), undefined)
  })

  it('knows which ids are secrets', () => {
    assert.ok(isBearerSecret('token', 'abc'))
    assert.ok(isBearerSecret('other', 'eyJhbGciOiJub25lIn0.e30.'))
    assert.ok(!isBearerSecret('token', 'hmac-sha256:00'))
    assert.ok(!isBearerSecret('x509', 'c6e5'))
    assert.equal(credentialKey({ kind: 'x509', issuer: 'a', id: 'c6' }), 'x509:c6')
  })
})

describe('parseInstant', () => {
  it('agrees with Date on what both accept', () => {
    const date = fc.date({ min: new Date(0), max: new Date(MAX_TIME), noInvalidDate: true })
    fc.assert(fc.property(date, (at) => assert.equal(parseInstant(at.toISOString()), at.getTime())))
  })

  const instants: readonly (readonly [string, number])[] = [
    ['2026-11-22T13:05:13+01:00', Date.UTC(2026, 10, 22, 12, 5, 13)],
    ['2026-11-22 13:05:13.1234567z', Date.UTC(2026, 10, 22, 13, 5, 13, 123)],
    ['2024-02-29T00:00:00-00:30', Date.UTC(2024, 1, 29, 0, 30)],
  ]
  for (const [text, time] of instants) it(`reads ${text}`, () => assert.equal(parseInstant(text), time))

  const refused = [
    '',
    '2026-11-22',
    '2026-11-22T13:05:13',
    '2026-02-30T00:00:00Z',
    '2025-02-29T00:00:00Z',
    '2026-11-22T24:00:00Z',
    '2026-11-22T23:59:60Z',
    '2026-11-22T13:05:13.Z',
    '2026-11-22T13:05:13Zx',
    '2026-11-22T13:05:13+0100',
    '2026-11-22T13:05:13+24:00',
    '2026-11-22\u000013:05:13Z',
    '1795352713684',
    '+275760-09-13T00:00:00Z',
  ]
  for (const text of refused) it(`refuses ${text}`, () => assert.ok(Number.isNaN(parseInstant(text))))

  it('takes times from 1970 to 9999 for plausible', () => {
    assert.ok(isPlausible(0) && isPlausible(MAX_TIME))
    for (const time of [-1, MAX_TIME + 1, Number.NaN, Number.POSITIVE_INFINITY]) assert.ok(!isPlausible(time))
  })
})
