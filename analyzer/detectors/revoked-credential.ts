import { Type } from 'typebox'
import type { Severity } from '../../domain/finding.ts'
import { shortIdentity } from '../../domain/identity.ts'
import type { CredentialWatch, Detector, LifecycleStep } from '../detector.ts'
import { CONNECTION_FLAG, ownColumns } from '../engine/state.ts'
import { touch } from '../engine/table.ts'
import type { World } from '../engine/world.ts'

const options = Type.Object({
  clockSkewMs: Type.Integer({
    default: 5000,
    minimum: 0,
    description: 'clocks of issuers and proxies may differ by this much',
  }),
  propagationMs: Type.Integer({
    default: 60_000,
    minimum: 0,
    description:
      'time that a revocation may take to reach every proxy: connections opened before it may live on for so long, and sources without connection ids are not judged before it is over',
  }),
  settleMs: Type.Integer({
    default: 3000,
    minimum: 0,
    description:
      'a connection whose start no row states is judged when no earlier row of it has come for this long',
  }),
})

interface RevokedOptions {
  readonly clockSkewMs: number
  readonly propagationMs: number
  readonly settleMs: number
}

/**
 * The first and the last revocation and reinstatement, so that what was forbidden when is known in whatever order they
 * are reported; of three holds the middle one is not. `suspect`: a report speaks of it, so every use is judged and not only the first of a connection.
 */
const CREDENTIAL_COLUMNS = {
  revokedAt: 'f64',
  revokedAgainAt: 'f64',
  reinstatedAt: 'f64',
  reinstatedAgainAt: 'f64',
  reason: 'u32',
  suspect: 'u8',
} as const
const CONNECTION_COLUMNS = { told: 'u8' } as const

/** What was already said of a connection. */
const TOLD = { opened: 1, stillOpen: 2, overdue: 4 } as const

/**
 * Use of a credential on a connection that was opened after its revocation. A connection from before goes on
 * legitimately, since proxies verify nothing again while it is open: it is reported as still open, and becomes an
 * incident only when it outlives the time that a revocation may take to spread. `detection.md` D6, first row.
 */
export const revokedCredential: Detector = {
  name: 'revoked-credential',
  about: {
    detects:
      'a revoked credential that authenticates a connection opened after the revocation, also when the revocation is reported after the use',
    blindSpots:
      'sources that log no credential id; a revocation that no source reports; a connection whose first rows were never seen is taken to start with the first one that was',
    respond:
      'push the revocation list to the callee’s proxies, close the connection, and find out who holds the key',
    attack: ['T1550', 'T1552', 'T1649'],
  },
  needs: ['caller', 'credential', 'revocation'],
  columns: { credential: CREDENTIAL_COLUMNS, connection: CONNECTION_COLUMNS },
  options,
  open(world, given) {
    return { credentials: watchCredentials(world, given as RevokedOptions) }
  },
}

interface Scope {
  readonly world: World
  readonly given: RevokedOptions
  readonly credential: {
    readonly revokedAt: number
    readonly revokedAgainAt: number
    readonly reinstatedAt: number
    readonly reinstatedAgainAt: number
    readonly reason: number
    readonly suspect: number
  }
  readonly connection: { readonly told: number }
  /** Connections to judge again when event time has moved on. */
  readonly waiting: Set<number>
}

function watchCredentials(world: World, given: RevokedOptions): CredentialWatch {
  const scope: Scope = {
    world,
    given,
    credential: ownColumns(world.state.credentials, 'revoked-credential', CREDENTIAL_COLUMNS),
    connection: ownColumns(world.state.connections, 'revoked-credential', CONNECTION_COLUMNS),
    waiting: new Set(),
  }
  return {
    use: (connection) => {
      const { connections, credentials } = world.state
      const words = connection * connections.words
      const credential = connections.u32[words + connections.at.credential]
      const suspect = credentials.u8[credential * credentials.stride + scope.credential.suspect] === 1
      if (suspect || connections.u32[words + connections.at.uses] === 1)
        judge(scope, connection, world.frontier())
    },
    step: (credential, step) => takeStep(scope, credential, step),
    settle: (frontier) => {
      for (const connection of scope.waiting) judge(scope, connection, frontier)
    },
    restored: () => {
      for (let connection = 0; connection < world.state.connections.rows; connection++)
        judge(scope, connection, world.frontier())
    },
  }
}

function takeStep(scope: Scope, credential: number, step: LifecycleStep): void {
  const { credential: at, world } = scope
  const { credentials } = world.state
  if (step.action === 'revoked') {
    const last = credentials.f64[credential * credentials.doubles + at.revokedAgainAt]
    widen(scope, credential, { first: at.revokedAt, last: at.revokedAgainAt, time: step.time })
    if (step.reason !== undefined && step.time >= last)
      credentials.u32[credential * credentials.words + at.reason] = world.textId(step.reason)
  } else if (step.action === 'reinstated')
    widen(scope, credential, { first: at.reinstatedAt, last: at.reinstatedAgainAt, time: step.time })
  else return
  touch(credentials, credential)
  for (const row of world.sameSerial(credential)) judgeAll(scope, row)
}

/** Lets the columns of the first and the last time hold another one. */
function widen(scope: Scope, credential: number, step: { first: number; last: number; time: number }): void {
  const { f64, doubles } = scope.world.state.credentials
  const first = credential * doubles + step.first
  const last = credential * doubles + step.last
  f64[first] = f64[first] === 0 ? step.time : Math.min(f64[first], step.time)
  f64[last] = Math.max(f64[last], step.time)
}

function judgeAll(scope: Scope, credential: number): void {
  const { credentials, connections } = scope.world.state
  let next = credentials.u32[credential * credentials.words + credentials.at.connections]
  for (; next !== 0; next = connections.u32[(next - 1) * connections.words + connections.at.next])
    judge(scope, next - 1, scope.world.frontier())
}

/** While a credential is forbidden: from its revocation to before its reinstatement, or for good. */
interface Spell {
  readonly from: number
  readonly until: number
}

/** When the credential was forbidden, by its own issuer or by reports that name none. */
function spellsOf(scope: Scope, credential: number): Spell[] {
  const { f64, doubles } = scope.world.state.credentials
  const { revokedAt, revokedAgainAt, reinstatedAt, reinstatedAgainAt } = scope.credential
  const spells = scope.world.reportsOn(credential).flatMap((row) => {
    const read = (column: number) => f64[row * doubles + column]
    const ends = [read(reinstatedAt), read(reinstatedAgainAt)]
    return [read(revokedAt), read(revokedAgainAt)]
      .filter((from) => from > 0)
      .map((from) => ({ from, until: ends.find((end) => end >= from) ?? Number.POSITIVE_INFINITY }))
  })
  return united(spells)
}

/** The same times as spells that do not overlap. */
function united(spells: readonly Spell[]): Spell[] {
  const apart: Spell[] = []
  for (const spell of spells.toSorted((a, b) => a.from - b.from)) {
    const last = apart.at(-1)
    if (last === undefined || spell.from > last.until) apart.push(spell)
    else apart[apart.length - 1] = { from: last.from, until: Math.max(last.until, spell.until) }
  }
  return apart
}

function suspect(scope: Scope, credential: number): void {
  const { credentials } = scope.world.state
  const at = credential * credentials.stride + scope.credential.suspect
  if (credentials.u8[at] === 1) return
  credentials.u8[at] = 1
  touch(credentials, credential)
}

/** Says what can be said of a connection now, or keeps it waiting. */
function judge(scope: Scope, connection: number, frontier: number): void {
  const { connections } = scope.world.state
  const words = connection * connections.words
  const credential = connections.u32[words + connections.at.credential]
  const used = connections.u32[words + connections.at.uses] > 0
  const spells = used ? spellsOf(scope, credential) : []
  if (spells.length > 0) suspect(scope, credential)
  const waits = spells.filter((spell) => !judgeIn(scope, { connection, spell, frontier }))
  if (waits.length > 0) scope.waiting.add(connection)
  else scope.waiting.delete(connection)
}

interface Trial {
  readonly connection: number
  readonly spell: Spell
  readonly frontier: number
}

/** Says what can be said of a connection's use in a spell; false when rows that may still come would change it. */
function judgeIn(scope: Scope, { connection, spell, frontier }: Trial): boolean {
  const { connections } = scope.world.state
  const { given } = scope
  const doubles = connection * connections.doubles
  const lastUseAt = lastUseIn(scope, connection, spell)
  if (lastUseAt === 0) return true
  const say = (told: number) => tell(scope, { connection, spell, lastUseAt, told })
  const flags = connections.u8[connection * connections.stride + connections.at.flags]
  const unbound = connections.u32[connection * connections.words + connections.at.reporter] === 0
  const start = connections.f64[doubles + connections.at.startAt]
  if (!unbound && start > spell.from + given.clockSkewMs) {
    const settled =
      (flags & CONNECTION_FLAG.startKnown) !== 0 ||
      frontier >= connections.f64[doubles + connections.at.firstUseAt] + given.settleMs
    if (settled) say(TOLD.opened)
    return settled
  }
  const tolerated = spell.from + given.propagationMs
  const overdue = lastUseAt > tolerated
  const closed = (flags & CONNECTION_FLAG.closed) !== 0
  // Still open before overdue, as if each use had been judged when it came: the same when the revocation comes late.
  const isOld = overdue || closed || frontier >= tolerated
  if (!unbound && isOld) say(TOLD.stillOpen)
  if (overdue) say(TOLD.overdue)
  return isOld
}

/** The last use that is known in a spell; 0 when there is none. */
function lastUseIn(scope: Scope, connection: number, { from, until }: Spell): number {
  const { connections } = scope.world.state
  const doubles = connection * connections.doubles
  const kept = connections.u8[connection * connections.stride + connections.at.evidenceCount]
  const evidence = doubles + connections.at.evidenceAt
  let last = 0
  for (const time of [
    connections.f64[doubles + connections.at.firstUseAt],
    connections.f64[doubles + connections.at.lastUseAt],
    ...connections.f64.subarray(evidence, evidence + kept),
  ])
    if (time > from + scope.given.clockSkewMs && time < until && time > last) last = time
  return last
}

interface Saying {
  readonly connection: number
  readonly spell: Spell
  readonly lastUseAt: number
  readonly told: number
}

const WORDS: Readonly<Record<number, { window: string; severity: Severity; opens: boolean }>> = {
  [TOLD.opened]: { window: 'new-connection', severity: 'critical', opens: true },
  [TOLD.stillOpen]: { window: 'still-open', severity: 'info', opens: false },
  [TOLD.overdue]: { window: 'overdue', severity: 'high', opens: true },
}

function tell(scope: Scope, saying: Saying): void {
  const { world, given } = scope
  const { connections } = world.state
  const { connection, spell, told } = saying
  const at = connection * connections.stride + scope.connection.told
  if ((connections.u8[at] & told) !== 0) return
  connections.u8[at] |= told
  touch(connections, connection)
  const known = world.connection(connection)
  const evidence = known.evidence.filter(
    ({ time }) => time > spell.from + given.clockSkewMs && time < spell.until,
  )
  // The key of a use without connection id is made of row numbers, which differ between partitions.
  const reporter = connections.u32[connection * connections.words + connections.at.reporter]
  const place = reporter === 0 ? known.callee : `${known.reporter || reporter}:${known.key}`
  world.emit({
    detector: 'revoked-credential',
    subject: { credential: known.credential },
    caller: known.caller,
    callee: known.callee,
    window: `${WORDS[told].window}:${place}`,
    start: told === TOLD.opened ? known.startAt : spell.from,
    end: saying.lastUseAt,
    observed: Math.max(1, evidence.length),
    severity: WORDS[told].severity,
    opens: WORDS[told].opens,
    evidence,
    text: sentence(scope, saying, known),
  })
}

function sentence(
  scope: Scope,
  { connection, spell, lastUseAt, told }: Saying,
  known: ReturnType<World['connection']>,
): string {
  const { credentials, connections } = scope.world.state
  const credential = connections.u32[connection * connections.words + connections.at.credential]
  const reason = scope.world.textOf(credentials.u32[credential * credentials.words + scope.credential.reason])
  const clock = (time: number) => new Date(time).toISOString().slice(0, 19).replace('T', ' ')
  const what = `${known.credential.kind} credential ${known.credential.id}, revoked at ${clock(spell.from)} UTC${reason === '' ? '' : ` (${reason})`},`
  const parties = `presented as ${shortIdentity(known.caller)} to ${shortIdentity(known.callee)}${known.address === '' ? '' : ` from ${known.address}`}`
  if (told === TOLD.opened)
    return `${what} was ${parties} on a connection opened at ${clock(known.startAt)} UTC, after the revocation.`
  if (told === TOLD.stillOpen)
    return `${what} is still open: ${parties} on a connection that was opened before the revocation, and last used at ${clock(lastUseAt)} UTC.`
  return `${what} is still in use ${Math.round((lastUseAt - spell.from) / 1000)} s after the revocation, ${parties}.`
}
