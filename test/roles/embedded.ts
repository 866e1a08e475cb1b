import { mkdirSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { loadConfig } from '../../cli/load-config.ts'
import { embeddedSetup } from '../../cli/run.ts'
import { watch } from '../../cli/watch.ts'
import { openDatabase } from '../../io/sqlite.ts'
import { SqliteIncidents } from '../../io/sqlite-incidents.ts'
import { type Baselines, storedBaselines } from '../faults/baselines.ts'
import { openStoreView } from '../faults/store-view.ts'
import { incidentText } from './stage.ts'

/** What one process with SQLite makes of the lines. */
export interface Verdict {
  readonly findings: readonly string[]
  readonly incidents: readonly string[]
  readonly baselines: readonly Baselines[]
}

/** Longer than any scenario: its wall clock adds nothing to event time. */
const NOW = Date.UTC(2027, 0, 1)

export async function embeddedVerdict(
  folder: string,
  partitions: number,
  lines: readonly string[],
): Promise<Verdict> {
  mkdirSync(folder, { recursive: true })
  const text = lines.map((line) => `${line.trim()}\n`).join('')
  writeFileSync(`${folder}/access.log`, text)
  writeFileSync(
    `${folder}/meshwatch.yaml`,
    `dataDir: ${folder}/data
sources: [{ file: ${folder}/access.log, name: mesh }]
stream: { partitions: ${partitions} }
analyzer: { checkpointEveryMs: 200 }
intake: { enabled: false }
api: { enabled: false }
metrics: { enabled: false }
`,
  )
  const config = await loadConfig(`${folder}/meshwatch.yaml`)
  const watching = await watch({ ...embeddedSetup(config, () => {}), clock: () => NOW })
  const view = openStoreView(config)
  const size = Buffer.byteLength(text)
  const isRead = () => {
    const positions = view.positions()
    return positions.length > 0 && positions.every((each) => each.get('mesh')?.offset === size)
  }
  while (!isRead()) await sleep(100)
  view.close()
  await watching.stop()
  return { ...(await incidentsIn(config.dataDir)), baselines: await storedBaselines(config) }
}

async function incidentsIn(dataDir: string): Promise<Pick<Verdict, 'findings' | 'incidents'>> {
  const database = openDatabase(`${dataDir}/meshwatch.db`)
  const store = new SqliteIncidents(database)
  const ids = (table: string) =>
    database
      .prepare(`SELECT id FROM ${table} ORDER BY id`)
      .all()
      .map(({ id }) => String(id))
  const incidents = await Promise.all(
    ids('incidents').map(async (id) => incidentText((await store.get(id))!)),
  )
  const findings = ids('seen_findings')
  database.close()
  return { findings, incidents: incidents.sort() }
}
