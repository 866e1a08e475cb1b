import type { Engine } from '../../analyzer/engine/engine.ts'
import type { Table } from '../../analyzer/engine/table.ts'
import { openEngines } from '../../cli/engines.ts'
import { claimAll } from '../../cli/resume.ts'
import type { Config } from '../../domain/config/schema.ts'
import { openDatabase } from '../../io/sqlite.ts'
import { sqliteCheckpoints } from '../../io/sqlite-checkpoints.ts'

/** Values of all columns of one row, by the columns' names. */
type Columns = Readonly<Record<string, readonly number[]>>

/** What the stored state says of each thing, by its name: equal for equal histories, wherever rows came to lie. */
export interface Baselines {
  readonly identities: Readonly<Record<string, unknown>>
  readonly edges: Readonly<Record<string, unknown>>
  readonly credentials: Readonly<Record<string, unknown>>
  readonly frozen: Readonly<Record<string, number>>
}

/** Loads what a stopped run has stored, partition by partition. */
export async function storedBaselines(config: Config): Promise<readonly Baselines[]> {
  const engines = openEngines(config)
  const database = openDatabase(`${config.dataDir}/meshwatch.db`)
  await claimAll(engines, sqliteCheckpoints(database))
  database.close()
  return engines.map(baselinesOf)
}

/** What the state of one partition says. */
export function baselinesOf(engine: Engine): Baselines {
  const { identities, edges, credentials, identityNames, credentialKeys, texts } = engine.state
  const name = (row: number) => identityNames.texts[row] ?? ''
  const season = (row: number) => (row === 0 ? undefined : columnsOf(engine.state.seasons, row))
  const named = identityNames.texts.flatMap((text, row) => (text === undefined ? [] : [[text, row] as const]))
  return {
    identities: Object.fromEntries(
      named.map(([text, row]) => {
        const columns = columnsOf(identities, row)
        const peers = columns['peers'].filter((peer) => peer > 0).map((peer) => name(peer - 1))
        return [text, { ...columns, season: season(columns['season'][0]), peers }]
      }),
    ),
    edges: Object.fromEntries(
      rowsOf(edges)
        .map((row) => columnsOf(edges, row))
        .filter((columns) => columns['firstS'][0] > 0)
        .map((columns) => {
          const ends = { caller: name(columns['caller'][0]), callee: name(columns['callee'][0]) }
          const own = { ...columns, ...ends, season: season(columns['season'][0]), evidenceSource: [] }
          return [`${ends.caller} ${ends.callee}`, own]
        }),
    ),
    credentials: Object.fromEntries(
      rowsOf(credentials)
        .map((row) => [row, columnsOf(credentials, row)] as const)
        .filter(([, columns]) => columns['head'][0] > 0)
        .map(([, { connections: _, ...columns }]) => [
          `${credentialKeys.texts[columns['head'][0] - 1]} ${texts.texts[columns['issuer'][0]]}`,
          columns,
        ]),
    ),
    frozen: Object.fromEntries([...engine.frozen].map(([row, until]) => [name(row), until])),
  }
}

function rowsOf({ rows }: Table): number[] {
  return Array.from({ length: rows }, (_, row) => row)
}

function columnsOf(table: Table, row: number): Columns {
  return Object.fromEntries(
    table.signature.split(',').map((column) => {
      const [, name, width, length = '1'] = /^(.+):([a-z]\d+)(?:\*(\d+))?$/.exec(column)!
      const view = table[width as 'u8' | 'u16' | 'u32' | 'f32' | 'f64']
      const perRow = table.stride / view.BYTES_PER_ELEMENT
      const at = row * perRow + (table.at as Record<string, number>)[name]
      return [name, [...view.subarray(at, at + Number(length))]]
    }),
  )
}
