import { Type } from 'typebox'
import type { CredentialWatch, Detector, LifecycleStep } from '../detector.ts'
import { CONNECTION_FLAG } from '../engine/state.ts'
import { touch } from '../engine/table.ts'
import type { World } from '../engine/world.ts'
import {
  CONNECTION_COLUMNS,
  CREDENTIAL_COLUMNS,
  type RevokedOptions,
  type Scope,
  scopeOf,
} from '../revocation/scope.ts'
import { noteStep, type Spell, spellsOf } from '../revocation/spells.ts'
import { TOLD, tell } from '../revocation/tell.ts'

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

function watchCredentials(world: World, given: RevokedOptions): CredentialWatch {
  const scope = scopeOf(world, given)
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
  const last = credentials.f64[credential * credentials.doubles + at.revokedAgainAt]
  if (!noteStep(world, at, { credential, action: step.action, time: step.time })) return
  if (step.action === 'revoked' && step.reason !== undefined && step.time >= last)
    credentials.u32[credential * credentials.words + at.reason] = world.textId(step.reason)
  touch(credentials, credential)
  for (const row of world.sameSerial(credential)) judgeAll(scope, row)
}

function judgeAll(scope: Scope, credential: number): void {
  const { credentials, connections } = scope.world.state
  let next = credentials.u32[credential * credentials.words + credentials.at.connections]
  for (; next !== 0; next = connections.u32[(next - 1) * connections.words + connections.at.next])
    judge(scope, next - 1, scope.world.frontier())
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
  const spells = used ? spellsOf(scope.world, scope.credential, credential) : []
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
