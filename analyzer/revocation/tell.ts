import type { Severity } from '../../domain/finding.ts'
import { shortIdentity } from '../../domain/identity.ts'
import { touch } from '../engine/table.ts'
import type { World } from '../engine/world.ts'
import { DETECTOR, type Scope } from './scope.ts'
import type { Spell } from './spells.ts'

/** What was already said of a connection. */
export const TOLD = { opened: 1, stillOpen: 2, overdue: 4 } as const

/** What is to be said about a connection, and of which spell. */
export interface Saying {
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

/** Says it, once for each connection. */
export function tell(scope: Scope, saying: Saying): void {
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
    detector: DETECTOR,
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
