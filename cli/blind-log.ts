import type { Feed } from '../collector/feed.ts'
import { blindDetectors, blindText } from './blind.ts'

/** What saying it needs. */
export interface BlindLogSetup {
  readonly log: (level: 'info' | 'warn', message: string, fields?: object) => void
  /** Milliseconds of any clock that only goes forward. */
  readonly now: () => number
}

/** Sources begin one after the other: nothing is said before it has been so for this long. */
const SETTLED_MS = 5000

/** Says in one line whenever other detectors than before cannot evaluate. To be called again and again. */
export function createBlindLog({ log, now }: BlindLogSetup): (feeds: readonly Feed[]) => void {
  let said = ''
  let known = ''
  let since = now()
  return (feeds) => {
    const text = blindText(blindDetectors(feeds))
    if (text !== known) {
      known = text
      since = now()
    }
    if (text === said || now() - since < SETTLED_MS) return
    said = text
    if (text === '') log('info', 'every detector can evaluate')
    else log('warn', 'detectors cannot evaluate', { detectors: text })
  }
}
