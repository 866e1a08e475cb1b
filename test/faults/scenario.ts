import { diceOf } from '../analyzer/scenario.ts'

/**
 * A small mesh in our own format: two weeks in half days. In the last minutes of each half day the file is silent and
 * senders over HTTP report, so that it is always clear what comes first, however fast either is read.
 */
export interface Piece {
  /** Of the file, with a newline each. */
  readonly lines: readonly string[]
  readonly posts: readonly Post[]
  /** True when the file is rotated before the piece is written. */
  readonly isRotated: boolean
}

export interface Post {
  readonly key: string
  readonly body: string
}

const MINUTE_MS = 60_000
const HALF_DAY_MS = 12 * 60 * MINUTE_MS
const SLOT_MS = 15 * MINUTE_MS
/** The silence of the file at the end of each piece. */
const SILENCE_MS = 10 * MINUTE_MS
/** A Monday. */
const START = Date.UTC(2026, 2, 2)
const PIECES = 28
const FIRST_ANOMALY = 6
const ROTATED: ReadonlySet<number> = new Set([7, 13, 20])
const SERVICES = Array.from({ length: 12 }, (_, i) => `shop/service-${i}`)

interface Row {
  readonly time: number
  readonly [field: string]: unknown
}

/** What refused lines of the scenario look like: of the file and of posts. */
export const BAD_LINE = '{"kind":"call,'

/** All pieces; the same for the same seed. */
export function scenario(seed: number): readonly Piece[] {
  const dice = diceOf(seed)
  const edges = SERVICES.flatMap((caller, i) =>
    [1, 2, 5].map((step) => ({ caller, callee: SERVICES[(i + step) % SERVICES.length] })),
  )
  return Array.from({ length: PIECES }, (_, i) => {
    const start = START + i * HALF_DAY_MS
    const rows = [...traffic(edges, start, dice), ...(i < FIRST_ANOMALY ? [] : anomalies(i, start))]
    rows.sort((a, b) => a.time - b.time)
    const lines = rows.map(lineOf)
    lines.splice(Math.floor(dice() * lines.length), 0, `${BAD_LINE} Authorization: Bearer abc${i}\n`)
    return { lines, posts: posts(i, start), isRotated: ROTATED.has(i) }
  })
}

const lineOf = (row: Row): string => `${JSON.stringify(row)}\n`

/** A row for each edge and quarter of an hour, with a daily curve; each caller has one certificate a half day. */
function* traffic(edges: readonly { caller: string; callee: string }[], start: number, dice: () => number) {
  const end = start + HALF_DAY_MS - SILENCE_MS
  for (let slot = start; slot < end; slot += SLOT_MS) {
    const level = 20 + 15 * Math.sin((slot / 86_400_000) * 2 * Math.PI)
    for (const { caller, callee } of edges) {
      const time = Math.floor(slot + dice() * Math.min(SLOT_MS, end - slot))
      const id = `${start / HALF_DAY_MS}${SERVICES.indexOf(caller)}`.padStart(24, 'a')
      const credential = { kind: 'x509', issuer: 'ca', id }
      const count = Math.round(level * (0.7 + 0.6 * dice()))
      const connection = `${caller} ${callee} ${start}`
      yield { kind: 'call', time, caller, callee, count, credential, connection, reporter: callee }
    }
  }
}

/** A revoked certificate on new connections; now and then a scan within one second, and a caller that pulls a lot. */
function* anomalies(i: number, start: number): Generator<Row> {
  const [caller, callee] = [SERVICES[i % SERVICES.length], SERVICES[(i + 1) % SERVICES.length]]
  const credential = { kind: 'x509', issuer: 'ca', id: `${i}`.padStart(24, 'b') }
  const at = (minutes: number) => start + minutes * MINUTE_MS
  yield { kind: 'lifecycle', time: at(30), action: 'issued', identity: caller, credential }
  yield { kind: 'lifecycle', time: at(90), action: 'revoked', credential }
  for (const [n, minutes] of [100, 101, 240].entries()) {
    const stolen = { caller, callee, credential, connection: `stolen ${i} ${n}`, reporter: callee }
    yield { kind: 'call', time: at(minutes), ...stolen }
  }
  if (i % 3 === 0)
    for (const step of [3, 4, 6])
      yield { kind: 'call', time: at(300) + step, caller, callee: SERVICES[(i + step) % SERVICES.length] }
  if (i % 4 === 1)
    for (let minute = 400; minute < 415; minute++)
      yield { kind: 'call', time: at(minute), caller, callee, count: 400 }
}

/** Batch jobs report over HTTP; every third post holds a line that is refused. */
function posts(i: number, start: number): Post[] {
  return [0, 1, 2].map((n) => {
    const time = start + HALF_DAY_MS - (5 - n) * MINUTE_MS
    const row = { kind: 'call', time, caller: `batch/job-${n}`, callee: 'shop/service-0', count: 5 + n }
    const body = lineOf(row) + lineOf({ ...row, time: time + 1000 }) + (n === 2 ? `${BAD_LINE} ${i}\n` : '')
    return { key: `post-${i}-${n}`, body }
  })
}
