import { REJECT_REASONS } from '../../domain/reject.ts'

/** `docs/reference/rejects.md`: why a record may be refused. */
export function rejectsPage(): string {
  const rows = Object.entries(REJECT_REASONS).map(([reason, meaning]) => `| \`${reason}\` | ${meaning} |`)
  return `# Rejects

A record that cannot be read never stops the others. It is counted by its reason, and kept with its source,
position and length; secrets in it are masked at equal length.

| reason | meaning |
|---|---|
${rows.join('\n')}
`
}
