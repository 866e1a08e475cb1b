import { generate, type ShopLine } from '../demo/generate.ts'
import { CA_SOURCE, MESH_SOURCE } from '../demo/shop.ts'
import { generationOf } from '../domain/generation.ts'
import type { RawRecord, Source } from '../domain/ports.ts'

/** The shop's log files as sources: what was played up to an instant can be read. */
export interface DemoSources {
  readonly sources: readonly Source[]
  /** Plays the shop up to `time` (epoch ms); gives the number of lines. */
  playTo(time: number): number
}

interface Tape {
  readonly name: string
  records: RawRecord[]
  offset: number
  line: number
}

const NO_BYTES = new Uint8Array(0)

/** A shop whose history begins at `start`, with an attack from `attackStart` on. */
export function demoSources(options: {
  readonly seed: number
  readonly start: number
  readonly attackStart: number
}): DemoSources {
  const tapes = [CA_SOURCE, MESH_SOURCE].map((name): Tape => ({ name, records: [], offset: 0, line: 0 }))
  const lines = generate({ ...options, end: Number.POSITIVE_INFINITY })
  let ahead: ShopLine | undefined
  return {
    sources: tapes.map(sourceOf),
    playTo: (time) => {
      let played = 0
      for (; ; played++) {
        ahead ??= lines.next().value as ShopLine
        if (ahead.time > time) return played
        record(tapes.find(({ name }) => name === ahead?.source)!, ahead.line)
        ahead = undefined
      }
    },
  }
}

/** Offsets count characters: the shop's lines are ASCII. Its records are never refused, so their bytes are not kept. */
function record(tape: Tape, line: string): void {
  tape.records.push({
    text: line,
    chunk: NO_BYTES,
    from: 0,
    to: 0,
    offset: tape.offset,
    line: ++tape.line,
    length: 0,
  })
  tape.offset += line.length + 1
}

function sourceOf(tape: Tape): Source {
  return {
    name: tape.name,
    ended: false,
    read: async () => {
      if (tape.records.length === 0) return undefined
      const { records } = tape
      tape.records = []
      return {
        records,
        end: { source: tape.name, generation: generationOf('demo', 1), offset: tape.offset, line: tape.line },
      }
    },
    close: async () => {},
  }
}
