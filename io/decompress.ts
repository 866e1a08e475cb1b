import type { Transform } from 'node:stream'
import { createGunzip, createZstdDecompress } from 'node:zlib'
import { CHUNK_BYTES } from './frame.ts'
import { worldError } from './world-error.ts'

/** A zlib stream; `bytesWritten` is what it has taken of its input. */
type Engine = Transform & { readonly bytesWritten: number }

const MAGIC: readonly { readonly bytes: readonly number[]; readonly create: () => Engine }[] = [
  { bytes: [0x1f, 0x8b], create: () => createGunzip({ chunkSize: CHUNK_BYTES }) },
  { bytes: [0x28, 0xb5, 0x2f, 0xfd], create: () => createZstdDecompress({ chunkSize: CHUNK_BYTES }) },
]

/** Some writers fill the last block with zeros; no member or frame begins with one. */
const PADDING = 0

/** How to decompress what begins with these bytes; undefined when they are no known compression. */
export function decompressorFor(head: Uint8Array): (() => Engine) | undefined {
  return MAGIC.find(({ bytes }) => bytes.every((byte, index) => head[index] === byte))?.create
}

/**
 * Decompresses piece by piece: the next output is made when the last was taken, so a bomb costs time but no memory.
 * Members and frames written one behind the other are one stream. Throws `undecodable` when the input is corrupt or
 * cut off, after all that was decoded before (but for what the last 64 KiB of output held).
 */
export async function* decompress(
  input: AsyncIterable<Uint8Array>,
  create: () => Engine,
): AsyncGenerator<Uint8Array> {
  let engine: Engine | undefined
  try {
    for await (const piece of input) {
      for (let rest = piece; rest.length > 0; ) {
        engine ??= create()
        const before: number = engine.bytesWritten
        yield* pump(engine, rest)
        rest = rest.subarray(engine.bytesWritten - before)
        if (rest.length === 0) break
        if (rest[0] === PADDING) return
        engine.destroy()
        engine = undefined
      }
    }
    if (engine !== undefined) yield* pump(engine)
  } finally {
    engine?.destroy()
  }
}

/** What comes out until `bytes` are used up or the engine ends; undefined bytes end the input. */
async function* pump(engine: Engine, bytes?: Uint8Array): AsyncGenerator<Uint8Array> {
  let isTaken = false
  let wake = () => {}
  const onEvent = () => wake()
  const onTaken = (error?: Error | null) => {
    isTaken = !error
    wake()
  }
  const events = ['readable', 'end', 'error', 'close'] as const
  for (const event of events) engine.on(event, onEvent)
  if (bytes === undefined) engine.end()
  else engine.write(bytes, onTaken)
  while (true) {
    const output: Uint8Array | null = engine.read()
    if (output !== null) {
      yield output
      continue
    }
    if (engine.errored) throw worldError('undecodable', engine.errored.message, engine.errored)
    if (isTaken || engine.readableEnded) break
    await new Promise<void>((resolve) => {
      wake = resolve
    })
  }
  for (const event of events) engine.off(event, onEvent)
}
