import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { maskSecrets } from '../collector/mask.ts'
import { OPENINGS } from '../collector/secret-openings.ts'
import { captureRecords } from './parser-fixtures.ts'

const encoder = new TextEncoder()

function mask(text: string): string {
  return new TextDecoder().decode(maskSecrets(encoder.encode(text)))
}

/** What each text must no longer hold; `…` marks the secret's place in the text. */
const SECRETS: readonly (readonly [name: string, text: string, secret: string])[] = [
  ['a JWT', '{"x":"…"}', 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.c2ln'],
  ['a JWT that was cut', '{"x":"…', 'eyJhbGciOiJFUzI1NiIsIn'],
  ['a JWT after a letter', 'jwt=x…', 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.'],
  ['a private key', '-----BEGIN EC PRIVATE KEY-----…-----END EC PRIVATE KEY-----', '\nMHcCAQEE\nabc=\n'],
  ['a private key without an end', '-----BEGIN PRIVATE KEY-----…', '\\nMHcCAQEE'],
  ['an AWS key id', 'key …,', 'AKIAIOSFODNN7EXAMPLE'],
  ['an AWS secret key', '{"SecretAccessKey":"…"}', 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'],
  ['a bearer header', 'Authorization: Bearer …\r\n', 'abc.def~123=='],
  ['a bearer word alone', 'got bearer … from', 'abcdef'],
  ['basic authorisation', '{"authorization":"Basic …"}', 'dXNlcjpwYXNz'],
  ['a webhook secret', 'using whsec_… now', 'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'],
  ['a password in a query', 'GET /login?password=…&x=1', 'hunter2'],
  ['a password with a quote in it', '{"password":"…"}', 'a\\"b c'],
  ['a client secret in a form', 'client_secret=… ', 's3cr3t'],
  ['JSON in JSON', '{"body":"{\\"token\\":\\"…\\"}"}', 'abc123'],
  ['credentials in a URL', 'https://…@db.test/x', 'user:p%40ss'],
  ['a one-time token', '{"ott":"…"}', 'not-a-jwt'],
  ['a credential by kind and id', '{"kind":"api-key","issuer":"x","id":"…"}', 'sk_live_1'],
  ['a credential by id and kind', '{"id": "…", "kind": "token"}', 'sk_live_1'],
  ['a cookie header', 'Cookie: …\r\nHost: a', 'sid=1; theme=dark'],
]

describe('maskSecrets', () => {
  for (const [name, text, secret] of SECRETS) {
    it(`masks ${name}`, () => {
      const expected = text.replace('…', () => '*'.repeat(encoder.encode(secret).length))
      assert.equal(mask(text.replace('…', () => secret)), expected)
    })
  }

  it('leaves ordinary text alone', () => {
    const text =
      '{"token_type":"x","path":"/tokens/17","url":"http://a.test/b@c","public-key":"EC","secrets":[1],"a":"key"}'
    assert.equal(mask(text), text)
  })

  it('leaves no one-time token in a log of the certificate authority', () => {
    const tokens = captureRecords('step-ca/ca.jsonl').map((record) => [record, JSON.parse(record.text).ott])
    const carrying = tokens.filter(([, ott]) => ott !== undefined)
    assert.equal(carrying.length, 8)
    for (const [record, ott] of carrying) assert.ok(!mask(record.text).includes(ott.slice(0, 20)))
  })

  it('keeps the length and every byte that is no secret, and does not change its input', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const before = bytes.slice()
        const masked = maskSecrets(bytes)
        assert.deepEqual(bytes, before)
        assert.equal(masked.length, bytes.length)
        assert.ok(masked.every((byte, i) => byte === bytes[i] || byte === 42))
      }),
    )
  })

  it('looks a bounded distance ahead for each opening', () => {
    assert.doesNotMatch(OPENINGS.source, /[^\\][*+](?![^[]*\])|\{\d+,\}/)
  })

  const MEBIBYTE = 1_048_576
  for (const unit of [
    'eyJ',
    'eyJaaaaaaaa',
    'token="',
    'password=',
    '-----BEGIN ',
    '://a',
    '\\"secret\\":\\"',
    'bearer ',
    '"id":"',
    '"token"',
  ]) {
    it(`ends on a mebibyte of ${JSON.stringify(unit)}`, () => {
      const bytes = encoder.encode(unit.repeat(MEBIBYTE / unit.length))
      assert.equal(maskSecrets(bytes).length, bytes.length)
    })
  }
})
