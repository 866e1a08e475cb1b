import type { LifecycleStep } from '../detector.ts'
import type { Layout } from '../engine/table.ts'
import type { World } from '../engine/world.ts'

/**
 * The first and the last revocation and reinstatement, so that what was forbidden when is known in whatever order they
 * are reported; of three holds the middle one is not.
 */
export const SPELL_COLUMNS = {
  revokedAt: 'f64',
  revokedAgainAt: 'f64',
  reinstatedAt: 'f64',
  reinstatedAgainAt: 'f64',
} as const satisfies Layout

/** Offsets of these columns in the table of credentials. */
export type SpellColumns = { readonly [C in keyof typeof SPELL_COLUMNS]: number }

/** While a credential is forbidden: from its revocation to before its reinstatement, or for good. */
export interface Spell {
  readonly from: number
  readonly until: number
}

/** Notes a revocation or a reinstatement of a credential. @returns false for a step that is neither */
export function noteStep(
  { state: { credentials } }: World,
  at: SpellColumns,
  { credential, action, time }: { readonly credential: number } & Pick<LifecycleStep, 'action' | 'time'>,
): boolean {
  if (action !== 'revoked' && action !== 'reinstated') return false
  const { f64, doubles } = credentials
  const first = credential * doubles + (action === 'revoked' ? at.revokedAt : at.reinstatedAt)
  const last = credential * doubles + (action === 'revoked' ? at.revokedAgainAt : at.reinstatedAgainAt)
  f64[first] = f64[first] === 0 ? time : Math.min(f64[first], time)
  f64[last] = Math.max(f64[last], time)
  return true
}

/** When the credential was forbidden, by its own issuer or by reports that name none. */
export function spellsOf(world: World, at: SpellColumns, credential: number): Spell[] {
  const { f64, doubles } = world.state.credentials
  const spells = world.reportsOn(credential).flatMap((row) => {
    const read = (column: number) => f64[row * doubles + column]
    const ends = [read(at.reinstatedAt), read(at.reinstatedAgainAt)]
    return [read(at.revokedAt), read(at.revokedAgainAt)]
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
