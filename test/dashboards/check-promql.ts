import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { findCommand } from '../servers/find-command.ts'

/** An expression and where it stands. */
export interface Placed {
  readonly at: string
  readonly expr: string
}

/**
 * Parses expressions with Prometheus' own parser: as recording rules of one file that promtool checks.
 *
 * @returns what promtool says of those that are wrong, or '' when all are right
 */
export function checkPromql(expressions: readonly Placed[]): string {
  const promtool = findCommand('promtool')
  if (promtool === undefined) throw new Error('no promtool in PATH; it comes with prometheus')
  const folder = mkdtempSync(join(tmpdir(), 'meshwatch-promql-'))
  const file = join(folder, 'expressions.yaml')
  const rules = expressions.map(({ expr }, at) => ({
    record: `checked:expression_${at}`,
    expr: withValues(expr),
  }))
  try {
    writeFileSync(file, stringify({ groups: [{ name: 'expressions', rules }] }))
    const { status, stdout, stderr, error } = spawnSync(promtool, ['check', 'rules', file], {
      encoding: 'utf8',
    })
    if (error !== undefined) throw error
    return status === 0 ? '' : `${stdout}${stderr}`
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** What Grafana puts in before it asks. */
export function withValues(expr: string): string {
  return expr.replaceAll('$__rate_interval', '1m').replaceAll('$job', '.+').replaceAll('$instance', '.+')
}
