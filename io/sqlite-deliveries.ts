import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { SEVERITIES } from '../domain/finding.ts'
import type { Delivery, OwedDelivery } from '../domain/incident.ts'

type Row = Record<string, unknown>

const TABLES = `
CREATE TABLE IF NOT EXISTS deliveries (
  id TEXT PRIMARY KEY, endpoint TEXT NOT NULL, incident TEXT NOT NULL, version INTEGER NOT NULL,
  severity TEXT NOT NULL, rank INTEGER NOT NULL, type TEXT NOT NULL, attempts INTEGER NOT NULL,
  due_at REAL NOT NULL, created_at REAL NOT NULL, state TEXT NOT NULL, last_error TEXT, notification TEXT
);
CREATE INDEX IF NOT EXISTS deliveries_of_incident ON deliveries (incident, version, endpoint);
CREATE INDEX IF NOT EXISTS deliveries_owed ON deliveries (endpoint, rank DESC, created_at, id, due_at) WHERE state = 'owed';
CREATE TABLE IF NOT EXISTS disabled_endpoints (endpoint TEXT PRIMARY KEY, time REAL NOT NULL) WITHOUT ROWID;
`

/** The outbox, in the same file as the incidents so that both change together. */
export class SqliteDeliveries {
  readonly #insert: StatementSync
  readonly #supersede: StatementSync
  readonly #settle: StatementSync
  readonly #due: StatementSync
  readonly #hasten: StatementSync
  readonly #keep: StatementSync
  readonly #ofIncident: StatementSync
  readonly #outbox: StatementSync
  readonly #disabled: StatementSync
  readonly #disable: StatementSync
  readonly #dropOwed: StatementSync

  constructor(db: DatabaseSync) {
    db.exec(TABLES)
    this.#insert = db.prepare(
      'INSERT OR IGNORE INTO deliveries VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
    )
    this.#supersede = db.prepare("UPDATE deliveries SET state = 'superseded' WHERE id = ? AND state = 'owed'")
    this.#settle = db.prepare(
      `UPDATE deliveries SET attempts = ?2, due_at = ?3, state = ?4, last_error = ?5,
         notification = CASE WHEN ?4 = 'delivered' THEN NULL ELSE notification END
       WHERE id = ?1 AND (state = 'owed' OR ?4 = 'delivered')`,
    )
    this.#due = db.prepare(
      `SELECT * FROM deliveries WHERE state = 'owed' AND endpoint = ? AND due_at <= ?
       ORDER BY rank DESC, created_at, id LIMIT ?`,
    )
    this.#hasten = db.prepare(
      "UPDATE deliveries SET due_at = ?2 WHERE state = 'owed' AND endpoint = ?1 AND due_at > ?2",
    )
    this.#keep = db.prepare(
      `UPDATE deliveries SET state = 'dropped', last_error = 'endpoint-removed'
       WHERE state = 'owed' AND endpoint NOT IN (SELECT value FROM json_each(?))`,
    )
    this.#ofIncident = db.prepare('SELECT * FROM deliveries WHERE incident = ? ORDER BY version, endpoint')
    this.#outbox = db.prepare(
      "SELECT count(*) AS owed, min(created_at) AS oldest FROM deliveries WHERE state = 'owed'",
    )
    this.#disabled = db.prepare('SELECT endpoint FROM disabled_endpoints ORDER BY endpoint')
    this.#disable = db.prepare('INSERT OR IGNORE INTO disabled_endpoints VALUES (?, ?)')
    this.#dropOwed = db.prepare(
      `UPDATE deliveries SET state = 'dropped', last_error = 'endpoint-disabled'
       WHERE state = 'owed' AND endpoint = ?`,
    )
  }

  /** Part of a transaction of the incidents. */
  add(deliveries: readonly OwedDelivery[]): void {
    for (const each of deliveries)
      this.#insert.run(
        each.id,
        each.endpoint,
        each.incident,
        each.version,
        each.severity,
        SEVERITIES.indexOf(each.severity),
        each.type,
        each.attempts,
        each.dueAt,
        each.createdAt,
        each.state,
        each.lastError ?? null,
        each.state === 'owed' ? JSON.stringify(each.notification) : null,
      )
  }

  /** Part of a transaction of the incidents. */
  supersede(ids: readonly string[]): void {
    for (const id of ids) this.#supersede.run(id)
  }

  settle(delivery: Delivery): void {
    const { id, attempts, dueAt, state, lastError } = delivery
    this.#settle.run(id, attempts, dueAt, state, lastError ?? null)
  }

  due(endpoint: string, now: number, limit: number): OwedDelivery[] {
    return this.#due.all(endpoint, now, limit).map((row) => ({
      ...deliveryOf(row),
      notification: JSON.parse(String(row.notification)),
    }))
  }

  hasten(endpoint: string, now: number): void {
    this.#hasten.run(endpoint, now)
  }

  keepEndpoints(endpoints: readonly string[]): void {
    this.#keep.run(JSON.stringify(endpoints))
  }

  ofIncident(incident: string): Delivery[] {
    return this.#ofIncident.all(incident).map(deliveryOf)
  }

  outbox(): { owed: number; oldestCreatedAt: number | undefined } {
    const row = this.#outbox.get()
    return { owed: Number(row?.owed ?? 0), oldestCreatedAt: (row?.oldest ?? undefined) as number | undefined }
  }

  disabledEndpoints(): string[] {
    return this.#disabled.all().map((row) => String(row.endpoint))
  }

  /** Part of a transaction of the incidents. */
  disable(endpoint: string, time: number): void {
    this.#disable.run(endpoint, time)
    this.#dropOwed.run(endpoint)
  }
}

function deliveryOf(row: Row): Delivery {
  return {
    id: row.id,
    endpoint: row.endpoint,
    incident: row.incident,
    version: row.version,
    severity: row.severity,
    type: row.type,
    attempts: row.attempts,
    dueAt: row.due_at,
    createdAt: row.created_at,
    state: row.state,
    ...(row.last_error !== null && { lastError: row.last_error }),
  } as Delivery
}
