import { type GenerateOptions, generate, type ShopLine } from '../demo/generate.ts'

/** A Monday. */
export const START = Date.UTC(2026, 10, 9)
export const MINUTE = 60_000
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR

/** Lines of a span from START on. */
export function linesOf(options: Partial<GenerateOptions>): ShopLine[] {
  return [...generate({ seed: 1, start: START, end: START + HOUR, ...options })]
}

/** A call as the demo's sidecars log it: the fields that the tests look at. */
export interface AccessRow {
  readonly time: number
  readonly startedAt: number
  readonly caller: string
  readonly callee: string
  readonly address: string
  readonly serial: string
  /** Unique in the shop. */
  readonly connection: string
  readonly bytesOut: number
  readonly validTo: number
}

/** Calls among the lines. */
export function accessRows(lines: readonly ShopLine[]): AccessRow[] {
  return lines.filter(({ source }) => source.startsWith('mesh/')).map(accessRow)
}

function accessRow({ time, line }: ShopLine): AccessRow {
  const row = JSON.parse(line)
  return {
    time,
    startedAt: Date.parse(row.start_time),
    caller: row.downstream_peer_uri_san,
    callee: row.downstream_local_uri_san,
    address: row.downstream_direct_remote_address.split(':')[0],
    serial: row.downstream_peer_serial,
    connection: `${row.downstream_local_uri_san} ${row.connection_id}`,
    bytesOut: row.bytes_sent,
    validTo: Date.parse(row.downstream_peer_cert_v_end),
  }
}

/** A row of the CA's log. */
export interface CaRow {
  readonly time: number
  readonly path: string
  /** Lower-case hex. */
  readonly serial: string
  readonly address: string
}

/** Rows of the CA among the lines. */
export function caRows(lines: readonly ShopLine[]): CaRow[] {
  return lines
    .filter(({ source }) => source.startsWith('ca/'))
    .map(({ time, line }) => {
      const row = JSON.parse(line)
      return {
        time,
        path: row.path,
        serial: BigInt(row.serial).toString(16),
        address: row['remote-address'],
      }
    })
}
