import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { IncidentFilter, IncidentPage } from '../domain/ports.ts'

type Value = string | number
type Condition = { readonly sql: string; readonly values: readonly Value[] }

/** Where a walk from the newest to the oldest finds its rows, and how time and id are called there. */
interface Walk {
  readonly from: string
  readonly time: string
  readonly id: string
  readonly conditions: readonly Condition[]
}

/** Finds the incidents of one page, newest first. One prepared statement for each combination of filters. */
export class SqliteIncidentList {
  readonly #db: DatabaseSync
  readonly #statements = new Map<string, StatementSync>()

  constructor(db: DatabaseSync) {
    this.#db = db
  }

  page(filter: IncidentFilter, limit: number, after: IncidentPage['next']): IncidentPage {
    const walk = walkOf(filter)
    const conditions = [...walk.conditions, ...conditionsOf(filter, after, walk)]
    const where = conditions.map(({ sql }) => sql).join(' AND ') || 'true'
    const rows = this.#statement(
      `SELECT i.summary, i.opened_at, i.id FROM ${walk.from}
       WHERE ${where} ORDER BY ${walk.time} DESC, ${walk.id} DESC LIMIT ?`,
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

/**
 * Few incidents have one identity, so its rows are walked, which are in order of time as well. A detector has many:
 * its rows are walked only when no state or severity would leave most of them out.
 */
function walkOf(filter: IncidentFilter): Walk {
  const { identity, detector, state, severity } = filter
  if (identity !== undefined) return walkTerms('identity', identity)
  if (detector !== undefined && !state && !severity) return walkTerms('detector', detector)
  return { from: 'incidents i', time: 'i.opened_at', id: 'i.id', conditions: [] }
}

function walkTerms(kind: 'identity' | 'detector', term: string): Walk {
  return {
    from: 'incident_terms t CROSS JOIN incidents i ON i.id = t.incident',
    time: 't.opened_at',
    id: 't.incident',
    conditions: [{ sql: `t.kind = '${kind}' AND t.term = ?`, values: [term] }],
  }
}

/** The texts are constants: every value is bound. */
function conditionsOf(filter: IncidentFilter, after: IncidentPage['next'], { time, id }: Walk): Condition[] {
  const conditions: Condition[] = []
  const add = (sql: string, ...values: Value[]) => conditions.push({ sql, values })
  if (filter.state) add('i.state IN (SELECT value FROM json_each(?))', JSON.stringify(filter.state))
  if (filter.severity) add('i.severity IN (SELECT value FROM json_each(?))', JSON.stringify(filter.severity))
  if (filter.detector !== undefined)
    add(
      `EXISTS (SELECT 1 FROM incident_terms WHERE kind = 'detector' AND term = ?
         AND opened_at = i.opened_at AND incident = i.id)`,
      filter.detector,
    )
  if (filter.since !== undefined) add(`${time} >= ?`, filter.since)
  if (filter.until !== undefined) add(`${time} <= ?`, filter.until)
  if (after !== undefined) add(`(${time}, ${id}) < (?, ?)`, after.openedAt, after.id)
  return conditions
}
