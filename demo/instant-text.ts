import { MINUTE_MS } from './curve.ts'

/** Writes instants as logs do; keeps the minute it wrote last, because rows come minute by minute. */
export interface InstantText {
  /** `2026-11-22T13:05:13.680Z` */
  milliseconds(time: number): string
}

export function instantText(): InstantText {
  const seconds = Array.from({ length: 60 }, (_, i) => `${String(i).padStart(2, '0')}.`)
  const millis = Array.from({ length: 1000 }, (_, i) => `${String(i).padStart(3, '0')}Z`)
  let minute = Number.NaN
  let head = ''
  return {
    milliseconds(time) {
      const at = Math.floor(time / MINUTE_MS)
      if (at !== minute) {
        minute = at
        head = new Date(at * MINUTE_MS).toISOString().slice(0, 17)
      }
      const rest = time - at * MINUTE_MS
      const second = Math.floor(rest / 1000)
      return head + seconds[second] + millis[rest - second * 1000]
    },
  }
}

/** `2026-11-22T13:05:13Z` */
export function secondText(time: number): string {
  return `${new Date(time).toISOString().slice(0, 19)}Z`
}
