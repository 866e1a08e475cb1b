import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

/** Where the watcher kills itself, and at which passing. */
export interface Kill {
  readonly point: string
  readonly count: number
}

/** A watcher that dies as planned and is started again each time. */
export interface MortalWatch {
  /** Address of the intake of the process that lives now. */
  intake(): string
  /** Kills that were carried out. */
  readonly killed: readonly Kill[]
  /** Throws what a process said that ended otherwise than planned. */
  check(): void
  /** Ends in order the process that lives now. */
  stop(): Promise<void>
}

interface Life {
  readonly process: ChildProcess
  readonly ended: Promise<unknown>
}

/** Starts the first process; `kills` are carried out in their order, one a process. */
export async function startMortalWatch(config: string, kills: readonly Kill[]): Promise<MortalWatch> {
  const planned = [...kills]
  const killed: Kill[] = []
  let intake = ''
  let failure: Error | undefined
  let isStopping = false
  let life: Life

  const begin = (): Life => {
    const kill = planned.shift()
    const words = kill === undefined ? [] : [kill.point, String(kill.count)]
    const child = spawn(process.execPath, [`${import.meta.dirname}/watch-main.ts`, config, ...words], {
      stdio: 'pipe',
      env: { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), 'meshwatch-compiled') },
    })
    createInterface({ input: child.stdout }).on('line', (line) => {
      intake = line
    })
    let said = ''
    child.stderr.on('data', (text) => {
      said = `${said}${text}`.slice(-4000)
    })
    const ended = once(child, 'exit').then(([code, signal]) => {
      if (isStopping) return
      if (signal !== 'SIGKILL' || kill === undefined) {
        failure ??= new Error(`the watcher ended with ${code ?? signal}: ${said}`)
        return
      }
      killed.push(kill)
      life = begin()
    })
    return { process: child, ended }
  }

  life = begin()
  return {
    intake: () => intake,
    killed,
    check: () => {
      if (failure !== undefined) throw failure
    },
    stop: async () => {
      isStopping = true
      life.process.kill('SIGTERM')
      await life.ended
    },
  }
}
