import type { Writable } from 'node:stream'

const FLUSH_CHARACTERS = 65_536

/**
 * Writes JSON lines to a stream in large pieces and waits when the reader is slow. A reader that has gone away
 * (`… | head`) ends the output, not the program.
 */
export interface LinesOut {
  write(value: unknown): void
  /** Waits until the stream can take more. */
  flush(): Promise<void>
  /** True when nobody reads any more. */
  readonly isClosed: boolean
}

/** Lines on their way to `stream`. */
export function linesOut(stream: Writable): LinesOut {
  let pending = ''
  let isClosed = false
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    isClosed = true
  })
  const flush = async () => {
    const text = pending
    pending = ''
    if (!isClosed && text !== '' && !stream.write(text)) await drained(stream)
  }
  return {
    get isClosed() {
      return isClosed
    },
    write: (value) => {
      pending += `${JSON.stringify(value)}\n`
      if (pending.length >= FLUSH_CHARACTERS && !isClosed) {
        stream.write(pending)
        pending = ''
      }
    },
    flush,
  }
}

/** Resolves when the stream takes more, and also when it never will: `isClosed` says which. */
function drained(stream: Writable): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const ends = ['drain', 'error', 'close']
  const end = () => {
    for (const each of ends) stream.off(each, end)
    resolve()
  }
  for (const each of ends) stream.on(each, end)
  return promise
}
