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
 * The first and the last revocation, so that one which follows a reinstatement is known in whatever order they are
 * reported. `suspect`: a report speaks of it, so every use is judged and not only the first of a connection.
 */
const CREDENTIAL_COLUMNS = {
  revokedAt: 'f64',
  revokedAgainAt: 'f64',
  reinstatedAt: 'f64',
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
  const { credentials } = scope.world.state
  const at = credential * credentials.doubles
  if (step.action === 'revoked') {
    const first = credentials.f64[at + scope.credential.revokedAt]
    const last = credentials.f64[at + scope.credential.revokedAgainAt]
    credentials.f64[at + scope.credential.revokedAt] = first === 0 ? step.time : Math.min(first, step.time)
    credentials.f64[at + scope.credential.revokedAgainAt] = Math.max(last, step.time)
    if (step.reason !== undefined && step.time >= last)
      credentials.u32[credential * credentials.words + scope.credential.reason] = scope.world.textId(
        step.reason,
      )
  } else if (step.action === 'reinstated') {
    credentials.f64[at + scope.credential.reinstatedAt] = Math.max(
      credentials.f64[at + scope.credential.reinstatedAt],
      step.time,
    )
  } else return
  touch(credentials, credential)
  for (const row of scope.world.sameSerial(credential)) judgeAll(scope, row)
}

function judgeAll(scope: Scope, credential: number): void {
  const { credentials, connections } = scope.world.state
  let next = credentials.u32[credential * credentials.words + credentials.at.connections]
  for (; next !== 0; next = connections.u32[(next - 1) * connections.words + connections.at.next])
    judge(scope, next - 1, scope.world.frontier())
}

/** When the credential was revoked, by its own issuer or by a report that names none; 0 if it stands. */
function revokedAt(scope: Scope, credential: number): number {
  const { credentials } = scope.world.state
  let earliest = 0
  for (const row of scope.world.reportsOn(credential)) {
    const at = row * credentials.doubles
    const first = credentials.f64[at + scope.credential.revokedAt]
    const last = credentials.f64[at + scope.credential.revokedAgainAt]
    const undone = credentials.f64[at + scope.credential.reinstatedAt]
    const time = first > undone ? first : last
    if (time > undone && (earliest === 0 || time < earliest)) earliest = time
  }
  return earliest
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
  const { given, waiting } = scope
  const words = connection * connections.words
  const doubles = connection * connections.doubles
  const revoked = revokedAt(scope, connections.u32[words + connections.at.credential])
  const uses = connections.u32[words + connections.at.uses]
  if (revoked === 0 || uses === 0) return drop(waiting, connection)
  suspect(scope, connections.u32[words + connections.at.credential])
  const lastUse = connections.f64[doubles + connections.at.lastUseAt]
  if (lastUse <= revoked + given.clockSkewMs) return drop(waiting, connection)
  const flags = connections.u8[connection * connections.stride + connections.at.flags]
  const unbound = connections.u32[words + connections.at.reporter] === 0
  const overdue = lastUse > revoked + given.propagationMs
  const start = connections.f64[doubles + connections.at.startAt]
  if (!unbound && start > revoked + given.clockSkewMs) {
    const settled =
      (flags & CONNECTION_FLAG.startKnown) !== 0 ||
      frontier >= connections.f64[doubles + connections.at.firstUseAt] + given.settleMs
    if (!settled) return keep(waiting, connection)
    waiting.delete(connection)
    return tell(scope, { connection, revoked, told: TOLD.opened })
  }
  if (overdue) {
    // As if each use had been judged when it came: the same findings when the revocation is reported late.
    if (!unbound) tell(scope, { connection, revoked, told: TOLD.stillOpen })
    tell(scope, { connection, revoked, told: TOLD.overdue })
  } else if (
    !unbound &&
    ((flags & CONNECTION_FLAG.closed) !== 0 || frontier >= revoked + given.propagationMs)
  )
    tell(scope, { connection, revoked, told: TOLD.stillOpen })
  else return keep(waiting, connection)
  waiting.delete(connection)
}

function keep(waiting: Set<number>, connection: number): void {
  waiting.add(connection)
}

function drop(waiting: Set<number>, connection: number): void {
  waiting.delete(connection)
}

interface Saying {
  readonly connection: number
  readonly revoked: number
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
  const { connection, revoked, told } = saying
  const at = connection * connections.stride + scope.connection.told
  if ((connections.u8[at] & told) !== 0) return
  connections.u8[at] |= told
  touch(connections, connection)
  const known = world.connection(connection)
  const evidence = known.evidence.filter((use) => use.time > revoked + given.clockSkewMs)
  // The key of a use without connection id is made of row numbers, which differ between partitions.
  const place = known.reporter === '' ? known.callee : `${known.reporter}:${known.key}`
  world.emit({
    detector: 'revoked-credential',
    subject: { credential: known.credential },
    caller: known.caller,
    callee: known.callee,
    window: `${WORDS[told].window}:${place}`,
    start: told === TOLD.opened ? known.startAt : revoked,
    end: known.lastUseAt,
    observed: evidence.length,
    severity: WORDS[told].severity,
    opens: WORDS[told].opens,
    evidence,
    text: sentence(scope, saying, known),
  })
}

function sentence(
  scope: Scope,
  { connection, revoked, told }: Saying,
  known: ReturnType<World['connection']>,
): string {
  const { credentials, connections } = scope.world.state
  const credential = connections.u32[connection * connections.words + connections.at.credential]
  const reason = scope.world.textOf(credentials.u32[credential * credentials.words + scope.credential.reason])
  const clock = (time: number) => new Date(time).toISOString().slice(0, 19).replace('T', ' ')
  const what = `${known.credential.kind} credential ${known.credential.id}, revoked at ${clock(revoked)} UTC${reason === '' ? '' : ` (${reason})`},`
  const parties = `presented as ${shortIdentity(known.caller)} to ${shortIdentity(known.callee)}${known.address === '' ? '' : ` from ${known.address}`}`
  if (told === TOLD.opened)
    return `${what} was ${parties} on a connection opened at ${clock(known.startAt)} UTC, after the revocation.`
  if (told === TOLD.stillOpen)
    return `${what} is still open: ${parties} on a connection that was opened before the revocation, and last used at ${clock(known.lastUseAt)} UTC.`
  return `${what} is still in use ${Math.round((known.lastUseAt - revoked) / 1000)} s after the revocation, ${parties}.`
}
