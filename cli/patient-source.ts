import type { Source } from '../domain/ports.ts'

const RETRY_MS = 1000

export interface PatientOptions {
  /** Milliseconds of any clock that only goes forward. */
  readonly now: () => number
  /** What keeps the source from being read; undefined when it can be read again. */
  readonly report: (trouble: Error | undefined) => void
}

/** A source that has nothing to give while it cannot be read, so that the others go on; it is tried again every second. */
export function patientSource(source: Source, { now, report }: PatientOptions): Source {
  let retryAt: number | undefined
  return {
    name: source.name,
    get ended() {
      return source.ended
    },
    get unchanged() {
      return source.unchanged ?? 0
    },
    read: async () => {
      if (retryAt !== undefined && now() < retryAt) return undefined
      try {
        const chunk = await source.read()
        if (retryAt !== undefined) report(undefined)
        retryAt = undefined
        return chunk
      } catch (error) {
        if (!(error instanceof Error)) throw error
        if (retryAt === undefined) report(error)
        retryAt = now() + RETRY_MS
        return undefined
      }
    },
    close: () => source.close(),
  }
}
