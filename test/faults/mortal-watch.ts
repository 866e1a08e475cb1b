import { type Kill, type MortalProcess, startMortal } from '../mortal-process.ts'

/** A watcher that dies as planned and is started again each time. */
export interface MortalWatch extends MortalProcess {
  /** Address of the intake of the process that lives now. */
  intake(): string
}

/** Starts the first process; `kills` are carried out in their order, one a process. */
export function startMortalWatch(config: string, kills: readonly Kill[]): MortalWatch {
  let intake = ''
  const watcher = startMortal({
    name: 'watcher',
    words: [`${import.meta.dirname}/watch-main.ts`, config],
    kills,
    onLine: (line) => {
      intake = line
    },
  })
  return { ...watcher, intake: () => intake }
}
