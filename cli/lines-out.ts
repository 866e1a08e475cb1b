import type { Writable } from 'node:stream'

const FLUSH_CHARACTERS = 65_536

/**
 * Writes JSON lines to a stream in large pieces and waits when the reader is slow. A reader that has gone away
 * (`… | head`) ends the output, not the program.
 */
export interface LinesOut {
  write(value: unknown): void
  /** Waits until all is written. @throws what the stream says, such as a full disk */
  flush(): Promise<void>
  /** True when nobody reads any more. */
  readonly isClosed: boolean
}

/** Lines on their way to `stream`. */
export function linesOut(stream: Writable): LinesOut {
  let pending = ''
  let isClosed = false
  let failed: Error | undefined
  const note = (error: NodeJS.ErrnoException | null | undefined) => {
    if (!error || isClosed) return
    if (error.code === 'EPIPE') isClosed = true
    else failed ??= error
  }
  stream.on('error', note)
  const write = (done: () => void) => {
    const text = pending
    pending = ''
    if (isClosed) done()
    else
      stream.write(text, (error) => {
        note(error)
        done()
      })
  }
  return {
    get isClosed() {
      return isClosed
    },
    write: (value) => {
      pending += `${JSON.stringify(value)}\n`
      if (pending.length >= FLUSH_CHARACTERS) write(() => {})
    },
    flush: async () => {
      const { promise, resolve } = Promise.withResolvers<void>()
      write(resolve)
      await promise
      if (failed !== undefined) throw failed
    },
  }
}
