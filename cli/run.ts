import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '../domain/config/schema.ts'
import { openLog } from '../io/log.ts'
import { openDatabase } from '../io/sqlite.ts'
import { sqliteCheckpoints } from '../io/sqlite-checkpoints.ts'
import { SqliteIncidents } from '../io/sqlite-incidents.ts'
import { sqliteJournal } from '../io/sqlite-journal.ts'
import { sqliteRejects } from '../io/sqlite-rejects.ts'
import { sendWebhook } from '../io/webhook-client.ts'
import { worldError } from '../io/world-error.ts'
import { loadConfig } from './load-config.ts'
import type { RoleName } from './roles/role.ts'
import { runRole } from './roles/run-role.ts'
import { bearerKey } from './secrets-key.ts'
import { stopOnSignal } from './stop-on-signal.ts'
import { startTelemetry } from './tracing.ts'
import { type WatchSetup, watch } from './watch.ts'

/** `meshwatch run`: watches until SIGINT or SIGTERM. */
export async function runCommand(options: {
  readonly config?: string
  readonly role?: RoleName
}): Promise<void> {
  const config = await loadConfig(options.config)
  if (options.role !== undefined) return runRole(options.role, config)
  const log = openLog(config.log.level)
  const say: WatchSetup['log'] = (level, message, fields = {}) => log[level](fields, message)
  const { tracer, close } = await startTelemetry(config, say)
  const watching = await watch({ ...embeddedSetup(config, say), tracer })
  log.info(
    { ...watching.doors, sources: config.sources.map(({ name }) => name), dataDir: config.dataDir },
    'watching',
  )
  stopOnSignal(() => watching.stop().finally(close))
  try {
    await watching.ended
    log.info({}, 'stopped')
  } finally {
    await close()
    process.stdin.destroy()
  }
}

/** The embedded stores in the data folder, and the real network. */
export function embeddedSetup(config: Config, log: WatchSetup['log']): WatchSetup {
  makeFolder(config.dataDir)
  const database = openDatabase(join(config.dataDir, 'meshwatch.db'))
  // Last of all, because an answer to a delivery may come late: what lies beside the file goes into it.
  process.once('exit', () => database.close())
  return {
    config,
    ports: {
      checkpoints: sqliteCheckpoints(database),
      incidents: new SqliteIncidents(database),
      rejects: sqliteRejects(database),
      journal: sqliteJournal(database),
    },
    send: sendWebhook,
    bearerKey: bearerKey(config.dataDir),
    input: process.stdin,
    clock: Date.now,
    onReport: ({ updates }) => {
      for (const { before, after } of updates)
        if (before === undefined)
          log('warn', 'incident opened', { incident: after.id, severity: after.severity, title: after.title })
    },
    log,
  }
}

function makeFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 })
  } catch (cause) {
    const why = cause instanceof Error && 'code' in cause ? cause.code : cause
    throw worldError(
      'store-unusable',
      `dataDir: cannot make the folder ${path} (${why}): make it for the user of this process, or write another one`,
      cause,
    )
  }
}
