import type { IncidentFilter, IncidentPage } from '../../domain/ports.ts'

type Position = NonNullable<IncidentPage['next']>

/**
 * A cursor says where the next page begins. It is signed together with the filter it was made for, so that neither a
 * made-up one nor one of another list is taken.
 */
export function writeCursor(
  position: Position,
  filter: IncidentFilter,
  hmacHex: (text: string) => string,
): string {
  return `${position.openedAt}.${position.id}.${signature(position, filter, hmacHex)}`
}

/** @returns undefined for a cursor that was not written for this filter */
export function readCursor(
  cursor: string,
  filter: IncidentFilter,
  hmacHex: (text: string) => string,
): Position | undefined {
  // Some logs write parts of a millisecond.
  const match = /^(\d{1,15}(?:\.\d{1,9})?)\.([0-9a-f]{32})\.([0-9a-f]{32})$/.exec(cursor)
  if (match === null) return undefined
  const position = { openedAt: Number(match[1]), id: match[2] }
  return signature(position, filter, hmacHex) === match[3] ? position : undefined
}

function signature(position: Position, filter: IncidentFilter, hmacHex: (text: string) => string): string {
  const { state, severity, detector, identity, since, until } = filter
  const text = JSON.stringify([
    'incidents',
    position.openedAt,
    position.id,
    state?.toSorted() ?? null,
    severity?.toSorted() ?? null,
    detector ?? null,
    identity ?? null,
    since ?? null,
    until ?? null,
  ])
  return hmacHex(text).slice(0, 32)
}
