import type { Readiness } from './readiness.ts'

export interface AbsentTopicsSetup {
  readonly readiness: Pick<Readiness, 'set' | 'clear'>
  readonly log: (level: 'info' | 'warn', message: string, fields?: object) => void
}

/** Says which of the configured topics are not there, each time that this changes. */
export function absentTopics({ readiness, log }: AbsentTopicsSetup): (topics: readonly string[]) => void {
  let said = ''
  return (topics) => {
    const names = topics.join(', ')
    if (names === said) return
    said = names
    if (names === '') {
      readiness.clear('source-unreadable', 'topics')
      log('info', 'all topics are there')
      return
    }
    const detail = `no such topic, or none that we may see: ${names}`
    readiness.set('source-unreadable', detail, 'topics')
    log('warn', 'topics are missing; each is read as soon as it is there', { topics })
  }
}
