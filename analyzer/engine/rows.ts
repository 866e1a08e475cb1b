import { canonicalIdentity, roleOf } from '../../domain/identity.ts'
import type { JudgedBatch } from '../judged-batch.ts'
import type { Engine, NextRow } from './engine.ts'
import { bind, idOf } from './interner.ts'
import { textId } from './known.ts'
import { MAX_EVIDENCE_SOURCE, nextOf, sourcesOf } from './sources.ts'
import { takeRow, touch } from './table.ts'

/** A batch with the numbers that this partition gives to its texts: each text is looked up once a batch, not once a row. */
export interface View extends Omit<Lookups, 'frees'> {
  readonly lookups: Lookups
  readonly batch: JudgedBatch
  /** Number of each source of the batch, as evidence has it: past 65,535 of them all further ones share the last number. */
  readonly sources: readonly number[]
  /** Next coordinate of each source of the batch. */
  readonly next: readonly NextRow[]
}

/** What was looked up for the texts of one dictionary. Batches in one process share it until it has grown large. */
export interface Lookups {
  readonly strings: readonly string[]
  /** `clock.frees` when these were good. */
  frees: number
  /** Identity row + 1 by dictionary index; 0 when not looked up yet, -1 when there is no room for it. */
  readonly identities: Int32Array
  readonly texts: Int32Array
  /** Number of a connection id + 1 by its dictionary index; 0 when not looked up yet. */
  readonly connectionKeys: Float64Array
  /** Credential row + 1 by the dictionary index of its id, good for the kind and issuer beside it. */
  readonly credentials: Int32Array
  readonly credentialKinds: Int32Array
  readonly credentialIssuers: Int32Array
}

/** Nothing looked up yet, for a dictionary that may grow. */
export function newLookups(strings: readonly string[], frees: number): Lookups {
  const entries = Math.ceil(strings.length * 1.5) + 64
  const room = () => new Int32Array(entries)
  return {
    strings,
    frees,
    identities: room(),
    texts: room(),
    connectionKeys: new Float64Array(entries),
    credentials: room(),
    credentialKinds: room(),
    credentialIssuers: room(),
  }
}

/** A view of a batch, with what is known of its dictionary from the batch before. */
export function viewOf(engine: Engine, batch: JudgedBatch): View {
  const sources = sourcesOf(engine, batch)
  const isKnown =
    engine.lookups.strings === batch.strings && engine.lookups.texts.length >= batch.strings.length
  if (!isKnown) engine.lookups = newLookups(batch.strings, engine.clock.frees)
  if (engine.lookups.frees !== engine.clock.frees) forgetLookups(engine, engine.lookups)
  return {
    ...engine.lookups,
    lookups: engine.lookups,
    batch,
    sources: sources.map((source) => Math.min(source, MAX_EVIDENCE_SOURCE)),
    next: sources.map((source) => nextOf(engine, source)),
  }
}

/** Forgets the rows that were looked up: some of them were freed. */
export function forgetLookups({ clock }: Engine, lookups: Lookups): void {
  lookups.identities.fill(0)
  lookups.credentials.fill(0)
  lookups.frees = clock.frees
}

/** Row of the identity at a dictionary index, made when it is new; -1 when the table is full. */
export function identityAt(engine: Engine, view: View, index: number, time: number): number {
  const known = view.identities[index]
  if (known !== 0) return known < 0 ? -1 : known - 1
  const row = identityRow(engine, view.batch.strings[index], time)
  view.identities[index] = row < 0 ? -1 : row + 1
  return row
}

/** Row of an identity by name; -1 when the table is full. */
export function identityRow(engine: Engine, name: string, time: number): number {
  const { identities, identityNames, roles } = engine.state
  const known = idOf(identityNames, name)
  if (known >= 0) return known
  if (identities.rows - identities.free.length >= engine.options.maxIdentities) return -1
  const row = takeRow(identities)
  bind(identityNames, name, row)
  identities.f64[row * identities.doubles + identities.at.firstAt] = time
  const role = roleOf(name)
  const members = roles.get(role)
  if (members === undefined) roles.set(role, [row])
  else members.push(row)
  return row
}

/** Number of the short text at a dictionary index. */
export function textAt(engine: Engine, view: View, index: number): number {
  if (index === 0) return 0
  if (view.texts[index] === 0) view.texts[index] = textId(engine, view.batch.strings[index]) + 1
  return view.texts[index] - 1
}

const HOUR_MS = 3_600_000
const FIRST_GAP_MS = 60_000
const STEP = 1.02

/** Notes a sign of life: last seen, usual gap (a running median in steps of 2 %), hours of activity. */
export function alive(engine: Engine, identity: number, time: number): void {
  const t = engine.state.identities
  const doubles = identity * t.doubles
  const words = identity * t.words
  const last = t.f64[doubles + t.at.lastAt]
  if (time > last) {
    const gap = t.f32[words + t.at.gapMs]
    if (last === 0) t.f32[words + t.at.gapMs] = FIRST_GAP_MS
    else t.f32[words + t.at.gapMs] = Math.max(1, time - last > gap ? gap * STEP : gap / STEP)
    t.f64[doubles + t.at.lastAt] = time
    const hour = Math.floor(time / HOUR_MS)
    if (t.u32[words + t.at.activeHour] !== hour) {
      t.u32[words + t.at.activeHour] = hour
      t.u32[words + t.at.activeHours]++
    }
  }
  touch(t, identity)
}

/** True when two spellings name one identity: decisions of people are compared in canonical form. */
export function canonicalName(name: string): string {
  const canonical = canonicalIdentity(name)
  return 'identity' in canonical ? canonical.identity : name
}
