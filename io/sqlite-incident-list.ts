import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { IncidentFilter, IncidentPage } from '../domain/ports.ts'

type Value = string | number
type Condition = { readonly sql: string; readonly values: readonly Value[] }

/** Finds the incidents of one page, newest first. One prepared statement for each combination of filters. */
export class SqliteIncidentList {
  readonly #db: DatabaseSync
  readonly #statements = new Map<string, StatementSync>()

  constructor(db: DatabaseSync) {
    this.#db = db
  }

  page(filter: IncidentFilter, limit: number, after: IncidentPage['next']): IncidentPage {
    const conditions = conditionsOf(filter, after)
    const where = conditions.map(({ sql }) => sql).join(' AND ') || 'true'
    const rows = this.#statement(
      `SELECT summary, opened_at, id FROM incidents WHERE ${where} ORDER BY opened_at DESC, id DESC LIMIT ?`,
    ).all(...conditions.flatMap(({ values }) => values), limit + 1)
    const shown = rows.slice(0, limit)
    const last = shown.at(-1)
    const next = rows.length > limit && last && { openedAt: Number(last.opened_at), id: String(last.id) }
    return {
      incidents: shown.map((row) => JSON.parse(String(row.summary))),
      ...(next && { next }),
    }
  }

  #statement(sql: string): StatementSync {
    const known = this.#statements.get(sql)
    if (known !== undefined) return known
    const prepared = this.#db.prepare(sql)
    this.#statements.set(sql, prepared)
    return prepared
  }
}

/** The texts are constants: every value is bound. */
function conditionsOf(filter: IncidentFilter, after: IncidentPage['next']): Condition[] {
  const conditions: Condition[] = []
  const add = (sql: string, ...values: Value[]) => conditions.push({ sql, values })
  if (filter.state) add('state IN (SELECT value FROM json_each(?))', JSON.stringify(filter.state))
  if (filter.severity) add('severity IN (SELECT value FROM json_each(?))', JSON.stringify(filter.severity))
  if (filter.detector !== undefined) add(`id IN (${withTerm('detector')})`, filter.detector)
  if (filter.identity !== undefined) add(`id IN (${withTerm('identity')})`, filter.identity)
  if (filter.since !== undefined) add('opened_at >= ?', filter.since)
  if (filter.until !== undefined) add('opened_at <= ?', filter.until)
  if (after !== undefined) add('(opened_at, id) < (?, ?)', after.openedAt, after.id)
  return conditions
}

function withTerm(kind: 'detector' | 'identity'): string {
  return `SELECT incident FROM incident_terms WHERE kind = '${kind}' AND term = ?`
}
