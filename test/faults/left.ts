import type { Config } from '../../domain/config/schema.ts'
import type { Incident } from '../../domain/incident.ts'
import { openDatabase } from '../../io/sqlite.ts'
import { SqliteIncidents } from '../../io/sqlite-incidents.ts'

/** What a stopped run has left in its store, in an order that two runs share. */
export interface Left {
  readonly incidents: readonly Essence[]
  /** Id of each finding that was taken in, with the incident it is part of. */
  readonly findings: readonly string[]
  /** State of each notification by its id. */
  readonly deliveries: ReadonlyMap<string, string>
  readonly rejects: readonly string[]
}

/** Loads it. */
export async function leftBy(config: Config): Promise<Left> {
  const database = openDatabase(`${config.dataDir}/meshwatch.db`)
  const store = new SqliteIncidents(database)
  const rows = (sql: string) => database.prepare(sql).all()
  const ids = rows('SELECT id FROM incidents ORDER BY id').map(({ id }) => String(id))
  const left = {
    incidents: await Promise.all(ids.map(async (id) => essenceOf((await store.get(id))!))),
    findings: rows('SELECT id, incident FROM seen_findings ORDER BY id').map(
      ({ id, incident }) => `${id} ${incident}`,
    ),
    deliveries: new Map(
      rows('SELECT id, state FROM deliveries').map(({ id, state }) => [String(id), String(state)]),
    ),
    rejects: rows('SELECT * FROM rejects ORDER BY source, offset, line').map(
      ({ source, reason, line, bytes }) => `${source} ${line} ${reason} ${Buffer.from(bytes as Uint8Array)}`,
    ),
  }
  database.close()
  return left
}

type Essence = ReturnType<typeof essenceOf>

/** All but in how many steps it came about, and evidence, which names files by their inodes. */
function essenceOf({ version: _, revision: __, related, findings, ...incident }: Incident) {
  const found = findings.map(({ evidence, ...finding }) => ({ ...finding, evidence: evidence.map(placeOf) }))
  return { ...incident, related: [...related].sort(), findings: found }
}

function placeOf({ source, offset, line }: Incident['findings'][number]['evidence'][number]): string {
  return `${source} ${offset} ${line}`
}
