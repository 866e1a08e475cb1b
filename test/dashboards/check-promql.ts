import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { promtool } from './promtool.ts'

/**
 * Parses expressions with Prometheus' own parser: as recording rules of one file that promtool checks.
 *
 * @throws AssertionError with what promtool says of those that are wrong
 */
export function checkPromql(expressions: readonly string[]): void {
  const folder = mkdtempSync(join(tmpdir(), 'meshwatch-promql-'))
  const file = join(folder, 'expressions.yaml')
  const rules = expressions.map((expr, at) => ({
    record: `checked:expression_${at}`,
    expr: withValues(expr),
  }))
  try {
    writeFileSync(file, stringify({ groups: [{ name: 'expressions', rules }] }))
    promtool('check', 'rules', file)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** What Grafana puts in before it asks. */
function withValues(expr: string): string {
  return expr.replaceAll('$__rate_interval', '1m').replaceAll('$job', '.+').replaceAll('$instance', '.+')
}
