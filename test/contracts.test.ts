import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { parseAuto } from '../collector/auto.ts'
import type { Parser } from '../collector/parser.ts'
import { PARSERS } from '../collector/registry.ts'
import { CREDENTIAL_KINDS, type CredentialRef } from '../domain/credential.ts'
import { type Event, LIFECYCLE_ACTIONS } from '../domain/event.ts'
import { canonicalIdentity } from '../domain/identity.ts'
import { isPlausible } from '../domain/instant.ts'
import { REJECT_REASONS, type RejectReason } from '../domain/reject.ts'
import { VISIBILITIES } from '../domain/visibility.ts'
import { fixtureFolders, parserFixtures } from './parser-fixtures.ts'
import { rawRecord, testContext } from './raw-record.ts'

/** What every parser must do, whatever its format. A new one is checked as soon as it is in the registry. */

type Outcome = readonly Event[] | RejectReason

function parse(parser: Parser, bytes: Uint8Array): Outcome {
  return allOf(parser.parse(rawRecord(bytes, parser.framing), testContext()))
}

/** Asked twice, since events that are made when they are asked for must be the same ones again. */
function allOf(outcome: Iterable<Event> | RejectReason): Outcome {
  if (typeof outcome === 'string') return outcome
  const events = [...outcome]
  assert.deepEqual([...outcome], events)
  return events
}

function assertSound(outcome: Outcome): void {
  if (typeof outcome === 'string') assert.ok(outcome in REJECT_REASONS, outcome)
  else for (const event of outcome) assertEvent(event)
}

function assertEvent(event: Event): void {
  const others =
    event.kind === 'call' ? [event.startTime, event.connectionStartTime] : [event.notBefore, event.notAfter]
  for (const time of [event.time, ...others]) assert.ok(time === undefined || isPlausible(time))
  assertCredential(event.credential)
  if (event.kind === 'lifecycle') {
    assert.ok(LIFECYCLE_ACTIONS.includes(event.action))
    if (event.identity !== undefined) assertIdentity(event.identity)
    return assertCredential(event.previous)
  }
  assertIdentity(event.caller)
  assertIdentity(event.callee)
  for (const amount of [event.count, event.bytesIn ?? 0, event.bytesOut ?? 0, event.durationMs ?? 0])
    assert.ok(amount >= 0 && Number.isFinite(amount))
  for (const text of [event.operation, event.connection, event.reporter, event.origin?.address])
    if (text !== undefined) assert.ok(text !== '' && text.length <= 4096 && text.isWellFormed())
}

function assertIdentity(identity: string): void {
  assert.deepEqual(canonicalIdentity(identity), { identity })
}

function assertCredential(credential: CredentialRef | undefined): void {
  if (credential === undefined) return
  assert.ok(CREDENTIAL_KINDS.includes(credential.kind))
  assert.notEqual(credential.id, '')
}

/** A fixture with a few bytes changed, put in or taken out. */
function mutated(bytes: Uint8Array): fc.Arbitrary<Uint8Array> {
  const edit = fc.record({
    at: fc.nat({ max: bytes.length }),
    removed: fc.nat({ max: 8 }),
    added: fc.uint8Array({ maxLength: 8 }),
  })
  return fc
    .array(edit, { minLength: 1, maxLength: 4 })
    .map((edits) =>
      edits.reduce((all, { at, removed, added }) => splice(all, at, removed, added), bytes.slice()),
    )
}

function splice(bytes: Uint8Array, at: number, removed: number, added: Uint8Array): Uint8Array<ArrayBuffer> {
  return Uint8Array.from([...bytes.subarray(0, at), ...added, ...bytes.subarray(at + removed)])
}

it('has one fixture folder for each parser', () => {
  assert.deepEqual(PARSERS.map((parser) => parser.name).sort(), fixtureFolders())
})

for (const parser of PARSERS) {
  const fixtures = parserFixtures(parser)

  describe(`parser ${parser.name} keeps the contract`, () => {
    it('says what it is', () => {
      assert.match(parser.name, /^[a-z0-9]+(-[a-z0-9]+)*$/)
      assert.notEqual(parser.describes, '')
      assert.ok(parser.carries.length > 0)
      for (const visibility of parser.carries) assert.ok(VISIBILITIES.includes(visibility))
    })

    it('gives an array where a record is one line of many', () => {
      for (const { bytes } of parser.framing === 'line' ? fixtures : []) {
        const outcome = parser.parse(rawRecord(bytes), testContext())
        assert.ok(typeof outcome === 'string' || Array.isArray(outcome))
      }
    })

    it('has an accepted and a refused fixture', () => {
      const outcomes = fixtures.map((fixture) => parse(parser, fixture.bytes))
      assert.ok(outcomes.some((outcome) => typeof outcome !== 'string' && outcome.length > 0))
      assert.ok(outcomes.some((outcome) => typeof outcome === 'string'))
    })

    it('recognises what it accepts, and auto reads it the same', () => {
      for (const { name, bytes } of fixtures) {
        const outcome = parse(parser, bytes)
        if (typeof outcome === 'string') continue
        const record = rawRecord(bytes, parser.framing)
        assert.ok(parser.matches(record), name)
        assert.deepEqual(allOf(parseAuto(record, testContext())), outcome, name)
      }
    })

    it('gives the same for the same bytes, and leaves them as they were', () => {
      for (const { bytes } of fixtures) {
        const before = bytes.slice()
        const context = testContext()
        const record = rawRecord(bytes, parser.framing)
        const outcome = allOf(parser.parse(record, context))
        assertSound(outcome)
        assert.deepEqual(allOf(parser.parse(record, context)), outcome)
        assert.deepEqual(parse(parser, bytes), outcome)
        assert.deepEqual(bytes, before)
      }
    })

    it('returns for any bytes', () => {
      fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => assertSound(parse(parser, bytes))))
    })

    it('returns for any JSON value', () => {
      const encoder = new TextEncoder()
      fc.assert(fc.property(fc.json(), (text) => assertSound(parse(parser, encoder.encode(text)))))
    })

    it('returns for fixtures with changed bytes', () => {
      const bytes = fc.constantFrom(...fixtures).chain((fixture) => mutated(fixture.bytes))
      fc.assert(
        fc.property(bytes, (changed) => assertSound(parse(parser, changed))),
        { numRuns: 500 },
      )
    })

    it('returns for a fixture cut at any byte', () => {
      const whole = fixtures.find((fixture) => typeof parse(parser, fixture.bytes) !== 'string')!
      for (let end = 0; end < whole.bytes.length; end++) assertSound(parse(parser, whole.bytes.slice(0, end)))
    })
  })
}
