import { ownColumns } from '../engine/state.ts'
import type { World } from '../engine/world.ts'
import { SPELL_COLUMNS } from './spells.ts'

/** `suspect`: a report speaks of it, so every use is judged and not only the first of a connection. */
export const CREDENTIAL_COLUMNS = { ...SPELL_COLUMNS, reason: 'u32', suspect: 'u8' } as const
export const CONNECTION_COLUMNS = { told: 'u8' } as const

export interface RevokedOptions {
  readonly clockSkewMs: number
  readonly propagationMs: number
  readonly settleMs: number
}

/** What the rules about revoked credentials work on. */
export interface Scope {
  readonly world: World
  readonly given: RevokedOptions
  /** Offsets of the columns above. */
  readonly credential: { readonly [C in keyof typeof CREDENTIAL_COLUMNS]: number }
  readonly connection: { readonly [C in keyof typeof CONNECTION_COLUMNS]: number }
  /** Connections to judge again when event time has moved on. */
  readonly waiting: Set<number>
}

/** Name of the detector that these rules are, and that its columns are kept under. */
export const DETECTOR = 'revoked-credential'

/** A scope in which nothing waits. */
export function scopeOf(world: World, given: RevokedOptions): Scope {
  return {
    world,
    given,
    credential: ownColumns(world.state.credentials, DETECTOR, CREDENTIAL_COLUMNS),
    connection: ownColumns(world.state.connections, DETECTOR, CONNECTION_COLUMNS),
    waiting: new Set(),
  }
}
