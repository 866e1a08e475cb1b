import pino, { type Logger } from 'pino'

/** The program's own log: JSON, one record a line, so that no text from outside can forge a line. */
export function openLog(level: string): Logger {
  return pino(
    { level, base: { name: 'meshwatch' }, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination({ dest: 2, sync: true }),
  )
}
