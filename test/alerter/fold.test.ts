import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Folded, fold } from '../../alerter/fold.ts'
import type { Incident } from '../../domain/incident.ts'
import { FOLD, finding, HOUR, known, MINUTE, revoked, START } from './sample.ts'

function incidentsOf(folded: Folded): Incident[] {
  return folded.updates.map(({ after }) => after)
}

test('a finding that opens makes an incident of its caller', () => {
  const [incident, ...others] = incidentsOf(fold([finding('f1')], known(), FOLD))
  assert.equal(others.length, 0)
  assert.equal(incident.group, 'identity:shop/checkout')
  assert.deepEqual([incident.version, incident.revision, incident.state], [1, 1, 'open'])
  assert.equal(incident.severity, 'medium')
  assert.equal(incident.title, 'shop/checkout called shop/ledger for the first time')
  assert.equal(incident.resolvesAt, START + HOUR)
})

test('a long title ends with a whole word and says that there is more', () => {
  const titleOf = (text: string) => incidentsOf(fold([finding('f1', { text })], known(), FOLD))[0].title
  const words = `${'nineteen characters '.repeat(9)}and then a few more`
  assert.equal(words.length, 199)
  assert.equal(titleOf(`${words}.`), `${words}.`)
  assert.equal(titleOf(`${words}thanwouldfit`), `${words.slice(0, -5)}…`)
  assert.equal(titleOf('x'.repeat(300)), `${'x'.repeat(199)}…`)
})

test('findings about one credential make one incident, whoever presents it', () => {
  const findings = [revoked('f1', { caller: 'a' }), revoked('f2', { caller: 'b', end: START + 1 })]
  const [incident, ...others] = incidentsOf(fold(findings, known(), FOLD))
  assert.equal(others.length, 0)
  assert.equal(incident.group, 'credential:x509:a1b2')
  assert.deepEqual(incident.callers, ['a', 'b'])
  assert.equal(incident.resolvesAt, START + 24 * HOUR + 1)
})

test('it makes no difference how many findings come at once', () => {
  const findings = [finding('f2', { end: START + 5, callee: 'x' }), finding('f1')]
  const [opened] = incidentsOf(fold(findings.slice(0, 1), known(), FOLD))
  const [after] = incidentsOf(fold(findings.slice(1), known({ unresolved: [opened] }), FOLD))
  const [atOnce] = incidentsOf(fold(findings, known(), FOLD))
  assert.deepEqual({ ...after, version: 1, revision: 1 }, atOnce)
})

test('one detector twice opens nothing', () => {
  const findings = [finding('f1', { opens: false }), finding('f2', { opens: false, end: START + MINUTE })]
  const folded = fold(findings, known(), FOLD)
  assert.deepEqual(folded.updates, [])
  assert.deepEqual(
    folded.findings.map(({ waiting }) => waiting?.id),
    ['f1', 'f2'],
  )
})

for (const [minutes, incidents] of [
  [60, 1],
  [61, 0],
]) {
  test(`different detectors ${minutes} minutes apart open ${incidents} incidents together`, () => {
    const waiting = [finding('f1', { opens: false })]
    const second = finding('f2', { opens: false, detector: 'volume', end: START + minutes * MINUTE })
    const folded = fold([second], known({ waiting, seen: new Set(['f1']) }), FOLD)
    assert.equal(folded.updates.length, incidents)
    if (incidents === 1) assert.deepEqual(folded.updates[0].after.detectors, ['new-edge', 'volume'])
  })
}

test('detectors that speak about different callers do not agree', () => {
  const findings = [
    finding('f1', { opens: false }),
    finding('f2', { opens: false, detector: 'volume', caller: 'other' }),
  ]
  assert.equal(fold(findings, known(), FOLD).updates.length, 0)
})

test('an opening finding takes those with it that waited for the same caller', () => {
  const findings = [finding('f1', { opens: false, end: START - MINUTE }), finding('f2')]
  const folded = fold(findings, known(), FOLD)
  assert.equal(folded.updates[0].after.findingCount, 2)
  assert.equal(folded.updates[0].after.openedAt, START - MINUTE)
  assert.deepEqual(
    folded.findings.map(({ id, incident, waiting }) => [id, incident, waiting]),
    [
      ['f1', folded.updates[0].after.id, undefined],
      ['f2', folded.updates[0].after.id, undefined],
    ],
  )
})

test('a finding of severity info opens nothing, and changes nothing that is told', () => {
  assert.equal(fold([finding('f0', { severity: 'info' })], known(), FOLD).updates.length, 0)
  const [opened] = incidentsOf(fold([finding('f1')], known(), FOLD))
  const info = finding('f2', { severity: 'info', detector: 'other', callee: 'x', end: START + 1 })
  const [update] = fold([info], known({ unresolved: [opened] }), FOLD).updates
  assert.deepEqual([update.after.version, update.after.revision, update.after.findingCount], [1, 2, 2])
  assert.deepEqual(update.after.detectors, ['new-edge'])
})

test('a finding outside the alert budget leaves no trace', () => {
  const folded = fold([finding('f1', { withinBudget: false })], known(), FOLD)
  assert.deepEqual(folded, { updates: [], findings: [] })
})

for (const { what, change, version } of [
  { what: 'the same again', change: {}, version: 1 },
  { what: 'a higher severity', change: { severity: 'high' }, version: 2 },
  { what: 'a lower severity', change: { severity: 'low' }, version: 1 },
  { what: 'another detector', change: { detector: 'volume' }, version: 2 },
  { what: 'another callee', change: { callee: 'shop/vault' }, version: 2 },
] as const) {
  test(`${what} makes version ${version}`, () => {
    const [opened] = incidentsOf(fold([finding('f1')], known(), FOLD))
    const more = finding('f2', { end: START + 1, ...change })
    const [{ after }] = fold([more], known({ unresolved: [opened] }), FOLD).updates
    assert.equal(after.version, version)
    assert.equal(after.revision, 2)
    assert.equal(after.severity, 'severity' in change && change.severity === 'high' ? 'high' : 'medium')
  })
}

test('a sweep over many callees keeps the incident bounded and stops raising the version', () => {
  const sweep = Array.from({ length: 200 }, (_, n) => finding(`f${n}`, { callee: `c${n}`, end: START + n }))
  const [opened] = incidentsOf(fold(sweep, known(), FOLD))
  assert.equal(opened.findingCount, 200)
  assert.deepEqual(
    opened.findings.map(({ id }) => id),
    [...sweep.slice(0, 5), ...sweep.slice(-15)].map(({ id }) => id),
  )
  assert.equal(opened.callees.length, 50)
  const next = finding('g', { callee: 'one more', end: START + 300 })
  assert.equal(fold([next], known({ unresolved: [opened] }), FOLD).updates[0].after.version, 1)
})

test('after the quiet time a finding resolves the old incident and opens another', () => {
  const [opened] = incidentsOf(fold([finding('f1')], known(), FOLD))
  const [old, fresh] = fold(
    [finding('f2', { end: START + HOUR })],
    known({ unresolved: [opened] }),
    FOLD,
  ).updates
  assert.deepEqual([old.after.state, old.after.version], ['resolved', 2])
  assert.equal(old.after.transitions.at(-1)?.time, START + HOUR)
  assert.deepEqual([fresh.before, fresh.after.state], [undefined, 'open'])
  assert.notEqual(fresh.after.id, opened.id)
})

test('a finding about long ago keeps its incident alive from when it arrived', () => {
  const time = START + 48 * HOUR
  const [opened] = incidentsOf(fold([revoked('f1', { foundAt: time })], known(), FOLD))
  assert.deepEqual([opened.openedAt, opened.resolvesAt], [START, time + 24 * HOUR])
})

test('incidents on one path are linked both ways', () => {
  const [first] = incidentsOf(fold([finding('f1', { callee: 'shop/cart' })], known(), FOLD))
  const next = finding('f2', { caller: 'shop/cart', end: START + HOUR })
  const updates = fold([next], known({ neighbours: [first] }), FOLD).updates
  const byId = new Map(updates.map(({ after }) => [after.id, after]))
  const opened = updates.find(({ before }) => before === undefined)!.after
  assert.deepEqual(opened.related, [first.id])
  assert.deepEqual(byId.get(first.id)?.related, [opened.id])
  assert.equal(byId.get(first.id)?.version, 1)
})

test('incidents that share only a callee, or are a day apart, are not linked', () => {
  const [first] = incidentsOf(fold([finding('f1')], known(), FOLD))
  for (const other of [
    finding('f2', { caller: 'other' }),
    finding('f3', { caller: 'shop/ledger', end: START + 25 * HOUR }),
  ]) {
    const [opened, ...more] = incidentsOf(fold([other], known({ neighbours: [first] }), FOLD))
    assert.deepEqual([opened.related, more], [[], []])
  }
})
