import { REJECT_REASONS } from '../../domain/reject.ts'
import { code, table } from './table.ts'

/** `docs/reference/rejects.md`: why a record may be refused. */
export function rejectsPage(): string {
  const rows = Object.entries(REJECT_REASONS).map(([reason, meaning]) => [code(reason), meaning])
  return `# Rejects

A record that cannot be read never stops the others. It is counted by its reason, and kept with its source,
position and length; secrets in it are masked at equal length. What to do about each is in the
[operations guide](../operations.md#rejects).

${table(['reason', 'meaning'], rows)}
`
}
