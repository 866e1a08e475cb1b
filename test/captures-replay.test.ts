import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'
import { promisify } from 'node:util'
import type { Finding } from '../domain/finding.ts'
import type { Incident } from '../domain/incident.ts'

/** A day's logs of real servers through the command, against what is known to have happened. */

const FILES = [
  'envoy/inbound-ledger-1.jsonl',
  'envoy/inbound-ledger-2.jsonl',
  'envoy/inbound-pay.jsonl',
  'envoy/inbound-web.jsonl',
  'envoy/listener-ledger.jsonl',
  'envoy/listener-pay.jsonl',
  'envoy/listener-web.jsonl',
  'envoy/outbound-ledger.jsonl',
  'envoy/outbound-pay.jsonl',
  'envoy/outbound-web.jsonl',
  'envoy/tcp.jsonl',
  'envoy/tcp-outbound.jsonl',
  'step-ca/ca.jsonl',
]
const LINES = 472
const REVOKED = 'c6e5fca123a985e98389de5a63ea4595'
const MAIN = new URL('../bin/meshwatch.js', import.meta.url).pathname

/** @returns standard output and standard error of `meshwatch replay` */
async function replay(...args: string[]): Promise<{ stdout: string; stderr: string }> {
  const cwd = new URL('./fixtures/captures/', import.meta.url)
  return promisify(execFile)(process.execPath, [MAIN, 'replay', ...args], { cwd, maxBuffer: 1e8 })
}

const rows = <Row>(text: string): Row[] =>
  text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))

/** `file line` of each row of evidence. */
const evidenceOf = (findings: readonly Finding[]): string[] =>
  findings.flatMap(({ evidence }) => evidence.map(({ source, line }) => `${source} ${line}`))

const linesOf = (findings: readonly Finding[], file: string): number[] =>
  evidenceOf(findings)
    .filter((row) => row.startsWith(`${file} `))
    .map((row) => Number(row.split(' ')[1]))
    .sort((a, b) => a - b)

describe('replay of the captures', () => {
  let printed = ''
  let findings: Finding[] = []
  let incidents: Incident[] = []
  before(async () => {
    printed = (await replay('--emit', 'findings', '--all', ...FILES)).stdout
    findings = rows(printed)
    incidents = rows((await replay(...FILES)).stdout)
  })

  it('finds the revoked certificate on the four connections opened after its revocation', () => {
    const opening = findings.filter(({ opens }) => opens)
    assert.equal(opening.length, 4)
    assert.deepEqual(linesOf(opening, 'envoy/inbound-ledger-2.jsonl'), [11, 13, 15, 16])
    for (const { detector, subject, severity, caller, callee, evidence, text } of opening) {
      assert.equal(detector, 'revoked-credential')
      assert.ok('credential' in subject && subject.credential.id === REVOKED)
      assert.equal(severity, 'critical')
      assert.deepEqual(
        [caller, callee],
        ['spiffe://mesh.lab/ns/shop/sa/pay', 'spiffe://mesh.lab/ns/shop/sa/ledger'],
      )
      assert.match(text, /from 127\.0\.0\.6[67] /)
      assert.ok(evidence.every(({ source }) => /ledger/.test(source)))
    }
  })

  it('notes that the connection from before the revocation was still open, and opens nothing for it', () => {
    const open = findings.filter(({ text }) => text.includes('still open'))
    assert.equal(open.length, 1)
    assert.equal(open[0].severity, 'info')
    assert.equal(open[0].opens, false)
    assert.deepEqual(linesOf(open, 'envoy/inbound-ledger-2.jsonl'), [3, 4, 5, 6])
  })

  it('raises one incident, of that certificate', () => {
    assert.equal(incidents.length, 1)
    assert.equal(incidents[0].group, `credential:x509:${REVOKED}`)
    assert.equal(incidents[0].state, 'open')
    assert.deepEqual(incidents[0].detectors, ['revoked-credential'])
    const opening = findings.filter(({ opens }) => opens).map(({ id }) => id)
    assert.ok(opening.every((id) => incidents[0].findings.some((finding) => finding.id === id)))
  })

  it('takes no refused handshake for a use', () => {
    const refused = [34, 35, 38, 40, 41].map((line) => `envoy/listener-ledger.jsonl ${line}`)
    assert.deepEqual(
      evidenceOf(findings).filter((row) => refused.includes(row)),
      [],
    )
  })

  it('prints the same bytes again, and whatever the order of the files', async () => {
    assert.equal((await replay('--emit', 'findings', '--all', ...FILES)).stdout, printed)
    const reversed = rows<Finding>(
      (await replay('--emit', 'findings', '--all', ...FILES.toReversed())).stdout,
    )
    const ids = (each: readonly Finding[]) => each.map(({ id }) => id).sort()
    assert.deepEqual(ids(reversed), ids(findings))
  })

  it('prints one line for each event, and one for each score of a call', async () => {
    const events = await replay('--emit', 'events', ...FILES)
    const kinds = rows<{ kind: string }>(events.stdout).map(({ kind }) => kind)
    const [, lines, count] = /^(\d+) lines, (\d+) events/.exec(events.stderr) ?? []
    assert.equal(Number(lines), LINES)
    assert.equal(kinds.length, Number(count))
    const scores = rows<{ score: number }>((await replay('--emit', 'scores', ...FILES)).stdout)
    assert.equal(scores.length, kinds.filter((kind) => kind === 'call').length)
    assert.ok(scores.every(({ score }) => Number.isFinite(score)))
  })

  it('prints one line for each refused record as well, with its place and reason', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'replay-'))
    const good = '{"kind":"call","time":1767607200000,"caller":"a","callee":"b"}'
    await writeFile(join(folder, 'log'), `${good}\nnonsense\n{"kind":"call","time":1767607200000}\n${good}\n`)
    const { stdout } = await replay('--emit', 'events', join(folder, 'log'))
    await rm(folder, { recursive: true })
    const told = rows<{ kind: string; reason?: string; at: { line: number } }>(stdout).map(
      ({ kind, reason, at }) => `${at.line} ${reason ?? kind}`,
    )
    assert.deepEqual(told.sort(), ['1 call', '2 not-json', '3 missing-field', '4 call'])
  })
})
