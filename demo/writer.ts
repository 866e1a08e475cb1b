import { accessLine, type OperationText, operationText, outcomeText } from './access-line.ts'
import type { Connection } from './connections.ts'
import { type Dice, diceFor, fraction } from './dice.ts'
import { DECK, deck, normal } from './distributions.ts'
import { type InstantText, instantText } from './instant-text.ts'
import { operationsOf } from './operations.ts'
import type { Edge, Topology } from './topology.ts'

/** Writes rows of calls; what is the same for many rows is made once. */
export interface Writer {
  readonly dice: Dice
  /** No call begins before it, epoch ms. */
  readonly start: number
  readonly instants: InstantText
  /** Pieces of request ids, a deck of each. */
  readonly ids: Readonly<Record<'heads' | 'middles' | 'tails', readonly string[]>>
  readonly outcomes: readonly string[]
  /** Factors around 1 for durations and sizes. */
  readonly spread: Float64Array
  /** By edge index. */
  readonly operations: readonly (readonly OperationText[])[]
}

/** Calls take at most this long, milliseconds. */
const LONGEST_MS = 8000
const LAST_OUTCOME = 8191
/** Pieces in each deck of request ids: together 42 random bits. */
const ID_DECK = 0x4000
const LAST_ID = ID_DECK - 1
/** Of 8,192 calls so many end with another status than 200. */
const ERRORS: readonly (readonly [number, number])[] = [
  [404, 40],
  [400, 16],
  [409, 12],
  [500, 10],
  [503, 8],
  [403, 6],
]

export function writerOf(topology: Topology, start: number): Writer {
  const dice = diceFor(topology.seed, 'rows')
  const errors = ERRORS.flatMap(([status, times]) => Array.from({ length: times }, () => outcomeText(status)))
  const fine = outcomeText(200)
  return {
    dice,
    start,
    instants: instantText(),
    ids: idPieces(dice),
    outcomes: Array.from({ length: LAST_OUTCOME + 1 }, (_, i) => errors[i] ?? fine),
    spread: deck(() => Math.exp(0.5 * normal(dice))),
    operations: topology.edges.map((edge) => operationsOf(edge).map(operationText)),
  }
}

/** One call over a connection; `bytesOut` is drawn when it is not given. */
export interface Call {
  readonly edge: Edge
  readonly connection: Connection
  /** End of the call, epoch ms. */
  readonly time: number
  readonly bytesOut?: number
}

export function writeCall(writer: Writer, call: Call): string {
  const { dice, spread, outcomes } = writer
  const { edge, time } = call
  const operations = writer.operations[edge.index]
  const chance = dice()
  const sizes = dice()
  const operation = operations[(chance >>> 24) % operations.length]
  const usualMs = Math.round(edge.latencyMs * spread[sizes & (DECK - 1)])
  const durationMs = Math.min(usualMs, LONGEST_MS, time - writer.start)
  return accessLine({
    connection: call.connection.text,
    operation,
    outcome: outcomes[chance & LAST_OUTCOME],
    bytesIn: 60 + (sizes >>> 24),
    bytesOut: call.bytesOut ?? Math.round(edge.replyBytes * spread[(sizes >>> 12) & (DECK - 1)]),
    durationMs,
    requestId: requestId(writer),
    startText: writer.instants.milliseconds(time - durationMs),
    number: operation.hasNumber ? 1000 + Math.floor(9000 * fraction(dice)) : '',
  })
}

/** A UUID, version 4, of three drawn pieces. */
function requestId({ dice, ids }: Writer): string {
  const chance = dice()
  return ids.heads[chance & LAST_ID] + ids.middles[(chance >>> 16) & LAST_ID] + ids.tails[dice() & LAST_ID]
}

function idPieces(dice: Dice): Writer['ids'] {
  const hex = (digits: number) => dice().toString(16).padStart(8, '0').slice(0, digits)
  const deckOf = (draw: () => string) => Array.from({ length: ID_DECK }, draw)
  return {
    heads: deckOf(() => `${hex(8)}-`),
    middles: deckOf(() => `${hex(4)}-4${hex(3)}-a${hex(3)}-`),
    tails: deckOf(() => `${hex(8)}${hex(4)}`),
  }
}
