import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Decision } from '../domain/decision.ts'
import type { Finding } from '../domain/finding.ts'
import type { Delivery, Incident } from '../domain/incident.ts'
import type {
  IncidentChange,
  IncidentCount,
  IncidentFilter,
  IncidentPage,
  IncidentStore,
  SeenFinding,
} from '../domain/ports.ts'
import { inTransaction } from './sqlite.ts'
import { SqliteDeliveries } from './sqlite-deliveries.ts'
import { SqliteIncidentList } from './sqlite-incident-list.ts'

/**
 * Incidents are kept as JSON in two columns, so that a list reads no evidence; what is searched has columns and rows
 * of its own. The index by time holds what lists filter by, so that a rare state is found without reading incidents.
 */
const TABLES = `
CREATE TABLE IF NOT EXISTS incidents (
  id TEXT PRIMARY KEY, opened_at REAL NOT NULL, state TEXT NOT NULL, severity TEXT NOT NULL, grp TEXT NOT NULL,
  resolves_at REAL NOT NULL, revision INTEGER NOT NULL, summary TEXT NOT NULL, detail TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS incidents_by_time ON incidents (opened_at DESC, id DESC, state, severity);
CREATE INDEX IF NOT EXISTS incidents_by_state ON incidents (state, severity);
CREATE INDEX IF NOT EXISTS incidents_of_group ON incidents (grp) WHERE state <> 'resolved';
CREATE INDEX IF NOT EXISTS incidents_overdue ON incidents (resolves_at) WHERE state <> 'resolved';
CREATE TABLE IF NOT EXISTS incident_terms (
  kind TEXT NOT NULL, term TEXT NOT NULL, opened_at REAL NOT NULL, incident TEXT NOT NULL,
  PRIMARY KEY (kind, term, opened_at, incident)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS seen_findings (
  id TEXT PRIMARY KEY, grp TEXT NOT NULL, time REAL NOT NULL, incident TEXT, waiting TEXT
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS seen_findings_waiting ON seen_findings (grp, time) WHERE waiting IS NOT NULL;
CREATE TABLE IF NOT EXISTS decisions (number INTEGER PRIMARY KEY AUTOINCREMENT, decision TEXT NOT NULL);
`

const IN = 'IN (SELECT value FROM json_each(?))'

/** Incidents, outbox and decisions in the embedded store. The database is opened and closed by its owner. */
export class SqliteIncidents implements IncidentStore {
  readonly #db: DatabaseSync
  readonly #deliveries: SqliteDeliveries
  readonly #list: SqliteIncidentList
  readonly #statements: ReturnType<typeof prepare>

  constructor(db: DatabaseSync) {
    db.exec(TABLES)
    this.#db = db
    this.#deliveries = new SqliteDeliveries(db)
    this.#list = new SqliteIncidentList(db)
    this.#statements = prepare(db)
  }

  async unresolved(groups: readonly string[]): Promise<readonly Incident[]> {
    return this.#statements.unresolved.all(JSON.stringify(groups)).map(incidentOf)
  }

  async overdue(time: number, limit: number): Promise<readonly Incident[]> {
    return this.#statements.overdue.all(time, limit).map(incidentOf)
  }

  async touching(
    identities: readonly string[],
    opened: { readonly since: number; readonly until: number },
  ): Promise<readonly Incident[]> {
    return this.#statements.touching
      .all(JSON.stringify(identities), opened.since, opened.until)
      .map(incidentOf)
  }

  async get(id: string): Promise<Incident | undefined> {
    const row = this.#statements.get.get(id)
    return row && incidentOf(row)
  }

  async list(filter: IncidentFilter, limit: number, after?: IncidentPage['next']): Promise<IncidentPage> {
    return this.#list.page(filter, limit, after)
  }

  async oldestOpen(): Promise<number | undefined> {
    const openedAt = this.#statements.oldestOpen.get()?.openedAt ?? undefined
    return openedAt === undefined ? undefined : Number(openedAt)
  }

  async counts(): Promise<readonly IncidentCount[]> {
    return this.#statements.counts.all().map((row) => ({ ...row }) as unknown as IncidentCount)
  }

  async seen(findingIds: readonly string[]): Promise<ReadonlySet<string>> {
    return new Set(this.#statements.seen.all(JSON.stringify(findingIds)).map((row) => String(row.id)))
  }

  async waiting(groups: readonly string[], since: number): Promise<readonly Finding[]> {
    return this.#statements.waiting
      .all(JSON.stringify(groups), since)
      .map((row) => JSON.parse(String(row.waiting)))
  }

  async forgetWaiting(time: number): Promise<void> {
    this.#statements.forgetWaiting.run(time)
  }

  async apply(
    change: IncidentChange,
    expectedRevisions: ReadonlyMap<string, number>,
  ): Promise<'applied' | 'conflict'> {
    return inTransaction(this.#db, () => {
      for (const [id, revision] of expectedRevisions)
        if (Number(this.#statements.revision.get(id)?.revision ?? 0) !== revision) return 'conflict'
      for (const incident of change.incidents) this.#write(incident)
      for (const finding of change.findings) this.#note(finding)
      this.#deliveries.supersede(change.superseded)
      this.#deliveries.add(change.deliveries)
      if (change.nextFinding !== undefined) this.#statements.keepNext.run(change.nextFinding)
      return 'applied'
    })
  }

  #write(incident: Incident): void {
    const { findings, transitions, comments, ...summary } = incident
    const { id, openedAt, state, severity, group, resolvesAt, revision } = incident
    const detail = JSON.stringify({ findings, transitions, comments })
    this.#statements.write.run(
      id,
      openedAt,
      state,
      severity,
      group,
      resolvesAt,
      revision,
      JSON.stringify(summary),
      detail,
    )
    for (const detector of incident.detectors)
      this.#statements.addTerm.run('detector', detector, openedAt, id)
    for (const identity of [...incident.callers, ...incident.callees])
      this.#statements.addTerm.run('identity', identity, openedAt, id)
  }

  #note(finding: SeenFinding): void {
    const { id, group, time, incident, waiting } = finding
    const kept = waiting === undefined ? null : JSON.stringify(waiting)
    this.#statements.note.run(id, group, time, incident ?? null, kept)
  }

  async nextFinding(): Promise<number | undefined> {
    const row = this.#statements.next.get()
    return row && Number(row.value)
  }

  async due(endpoint: string, now: number, limit: number) {
    return this.#deliveries.due(endpoint, now, limit)
  }

  async settle(delivery: Delivery): Promise<void> {
    this.#deliveries.settle(delivery)
  }

  async hasten(endpoint: string, now: number): Promise<void> {
    this.#deliveries.hasten(endpoint, now)
  }

  async keepEndpoints(endpoints: readonly string[]): Promise<void> {
    this.#deliveries.keepEndpoints(endpoints)
  }

  async deliveries(incident: string): Promise<readonly Delivery[]> {
    return this.#deliveries.ofIncident(incident)
  }

  async outbox() {
    return this.#deliveries.outbox()
  }

  async disabledEndpoints(): Promise<readonly string[]> {
    return this.#deliveries.disabledEndpoints()
  }

  async disableEndpoint(endpoint: string, time: number): Promise<void> {
    inTransaction(this.#db, () => this.#deliveries.disable(endpoint, time))
  }

  async decide(decision: Decision): Promise<number> {
    return Number(this.#statements.decide.run(JSON.stringify(decision)).lastInsertRowid)
  }

  async decisionsFrom(offset: number, limit: number) {
    return this.#statements.decisions
      .all(offset, limit)
      .map((row) => ({ offset: Number(row.number), decision: JSON.parse(String(row.decision)) as Decision }))
  }
}

function prepare(db: DatabaseSync) {
  const statement = (sql: string): StatementSync => db.prepare(sql)
  const columns = 'SELECT summary, detail FROM incidents'
  return {
    unresolved: statement(`${columns} WHERE state <> 'resolved' AND grp ${IN} ORDER BY opened_at, id`),
    overdue: statement(
      `${columns} WHERE state <> 'resolved' AND resolves_at <= ? ORDER BY resolves_at, id LIMIT ?`,
    ),
    touching: statement(
      `${columns} WHERE id IN (SELECT incident FROM incident_terms
         WHERE kind = 'identity' AND term ${IN} AND opened_at BETWEEN ? AND ?)
       ORDER BY opened_at DESC, id DESC LIMIT 100`,
    ),
    get: statement(`${columns} WHERE id = ?`),
    revision: statement('SELECT revision FROM incidents WHERE id = ?'),
    oldestOpen: statement("SELECT min(opened_at) AS openedAt FROM incidents WHERE state = 'open'"),
    counts: statement('SELECT state, severity, count(*) AS count FROM incidents GROUP BY state, severity'),
    write: statement(
      `INSERT INTO incidents VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET state = excluded.state, severity = excluded.severity,
         resolves_at = excluded.resolves_at, revision = excluded.revision,
         summary = excluded.summary, detail = excluded.detail`,
    ),
    addTerm: statement('INSERT OR IGNORE INTO incident_terms VALUES (?, ?, ?, ?)'),
    seen: statement(`SELECT id FROM seen_findings WHERE id ${IN}`),
    note: statement('INSERT OR REPLACE INTO seen_findings VALUES (?, ?, ?, ?, ?)'),
    waiting: statement(
      `SELECT waiting FROM seen_findings WHERE waiting IS NOT NULL AND grp ${IN} AND time >= ? ORDER BY time, id`,
    ),
    forgetWaiting: statement(
      'UPDATE seen_findings SET waiting = NULL WHERE waiting IS NOT NULL AND time < ?',
    ),
    next: statement("SELECT value FROM meta WHERE key = 'next_finding'"),
    keepNext: statement("INSERT OR REPLACE INTO meta VALUES ('next_finding', CAST(? AS TEXT))"),
    decide: statement('INSERT INTO decisions (decision) VALUES (?)'),
    decisions: statement('SELECT number, decision FROM decisions WHERE number >= ? ORDER BY number LIMIT ?'),
  }
}

function incidentOf(row: Record<string, unknown>): Incident {
  return { ...JSON.parse(String(row.summary)), ...JSON.parse(String(row.detail)) }
}
