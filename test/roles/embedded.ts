import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { loadConfig } from '../../cli/load-config.ts'
import { embeddedSetup } from '../../cli/run.ts'
import { watch } from '../../cli/watch.ts'
import type { Config } from '../../domain/config/schema.ts'
import type { Incident } from '../../domain/incident.ts'
import { openDatabase } from '../../io/sqlite.ts'
import { SqliteIncidents } from '../../io/sqlite-incidents.ts'
import { type Baselines, storedBaselines } from '../faults/baselines.ts'
import { openStoreView } from '../faults/store-view.ts'
import type { Logs } from './scenario.ts'

/** What was made of some logs. */
export interface Verdict {
  /** Their ids. */
  readonly findings: readonly string[]
  readonly incidents: readonly Incident[]
  readonly baselines: readonly Baselines[]
}

/** Longer than any scenario: its wall clock adds nothing to event time. */
const NOW = Date.UTC(2027, 0, 1)
const LINES_A_WRITE = 1000

/** What one process with SQLite makes of them. */
export async function embeddedVerdict(folder: string, partitions: number, logs: Logs): Promise<Verdict> {
  mkdirSync(folder, { recursive: true })
  const sizes = writeLogs(folder, logs)
  const sources = logs.logs.map(
    ({ name, format }) => `  - { file: ${folder}/${name}.log, name: ${name}, format: ${format} }\n`,
  )
  writeFileSync(
    `${folder}/meshwatch.yaml`,
    `dataDir: ${folder}/data
sources:
${sources.join('')}stream: { partitions: ${partitions} }
analyzer: { checkpointEveryMs: 200 }
intake: { enabled: false }
api: { enabled: false }
metrics: { enabled: false }
`,
  )
  const config = await loadConfig(`${folder}/meshwatch.yaml`)
  await watchUntilRead(config, sizes)
  return { ...(await foundIn(config.dataDir)), baselines: await storedBaselines(config) }
}

/** Each log as a file. @returns bytes of each, by its name */
function writeLogs(folder: string, { logs, lines }: Logs): ReadonlyMap<string, number> {
  const files = new Map(logs.map(({ name }) => [name, openSync(`${folder}/${name}.log`, 'w')]))
  const unwritten = new Map<string, string[]>(logs.map(({ name }) => [name, []]))
  const sizes = new Map<string, number>()
  const write = (log: string) => {
    const text = unwritten
      .get(log)!
      .splice(0)
      .map((line) => `${line}\n`)
    sizes.set(log, (sizes.get(log) ?? 0) + writeSync(files.get(log)!, text.join('')))
  }
  for (const { log, line } of lines()) if (unwritten.get(log)!.push(line) === LINES_A_WRITE) write(log)
  for (const [log, file] of files) {
    write(log)
    closeSync(file)
  }
  return sizes
}

async function watchUntilRead(config: Config, sizes: ReadonlyMap<string, number>): Promise<void> {
  const watching = await watch({ ...embeddedSetup(config, () => {}), clock: () => NOW })
  const view = openStoreView(config)
  const isRead = () => {
    const positions = view.positions()
    return (
      positions.length > 0 &&
      positions.every((each) => [...sizes].every(([log, size]) => each.get(log)?.offset === size))
    )
  }
  while (!isRead()) await sleep(100)
  view.close()
  await watching.stop()
}

async function foundIn(dataDir: string): Promise<Pick<Verdict, 'findings' | 'incidents'>> {
  const database = openDatabase(`${dataDir}/meshwatch.db`)
  const store = new SqliteIncidents(database)
  const ids = (table: string) =>
    database
      .prepare(`SELECT id FROM ${table} ORDER BY id`)
      .all()
      .map(({ id }) => String(id))
  const incidents = await Promise.all(ids('incidents').map(async (id) => (await store.get(id))!))
  const findings = ids('seen_findings')
  database.close()
  return { findings, incidents }
}
