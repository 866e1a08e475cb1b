import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

/**
 * Where a process kills itself, and at which passing. With SIGSTOP it only stands still, until it is thawed; with SIGTERM
 * it ends in order.
 */
export type Kill = readonly [place: string, count: number, signal?: 'SIGSTOP' | 'SIGTERM']

/** A process that dies as planned and is started again each time. */
export interface MortalProcess {
  /** Kills that were carried out. */
  readonly killed: readonly Kill[]
  /** What the process of now has written to standard error. */
  said(): string
  /** Throws what a process said that ended otherwise than planned. */
  check(): void
  /** Goes on, when it stands still. */
  thaw(): void
  /** Ends the process of now in order. */
  stop(): Promise<void>
}

export interface MortalSetup {
  readonly name: string
  /** Program and words for Node; where a life is to end is put behind them. */
  readonly words: readonly string[]
  /** Carried out in their order, one a process. */
  readonly kills: readonly Kill[]
  /** Hears each line of standard output. */
  readonly onLine?: (line: string) => void
}

interface Life {
  readonly process: ChildProcess
  readonly ended: Promise<unknown>
}

/** Starts the first process. */
export function startMortal({ name, words, kills, onLine = () => {} }: MortalSetup): MortalProcess {
  const planned = [...kills]
  const killed: Kill[] = []
  let said = ''
  let failure: Error | undefined
  let isStopping = false
  let life: Life

  const begin = (): Life => {
    const kill = planned.shift()
    const child = startChild([...words, ...(kill ?? []).map(String)])
    said = ''
    createInterface({ input: child.stdout }).on('line', onLine)
    child.stderr.on('data', (text) => {
      said = `${said}${text}`.slice(-20_000)
    })
    const ended = once(child, 'exit').then(([code, signal]) => {
      if (isStopping) return
      const isPlanned = kill?.[2] === 'SIGTERM' ? code === 0 : signal === 'SIGKILL'
      if (kill === undefined || !isPlanned) {
        failure ??= new Error(`the ${name} ended with ${code ?? signal}: ${said}`)
        return
      }
      killed.push(kill)
      life = begin()
    })
    return { process: child, ended }
  }

  life = begin()
  return {
    killed,
    said: () => said,
    check: () => {
      if (failure !== undefined) throw failure
    },
    thaw: () => void life.process.kill('SIGCONT'),
    stop: async () => {
      isStopping = true
      life.process.kill('SIGCONT')
      life.process.kill('SIGTERM')
      await life.ended
    },
  }
}

/** Processes that live: a test that fails leaves none behind. */
const living = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of living) child.kill('SIGKILL')
})

function startChild(words: readonly string[]) {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ...words], {
    stdio: 'pipe',
    env: { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), 'meshwatch-compiled') },
  })
  living.add(child)
  child.once('exit', () => living.delete(child))
  return child
}
