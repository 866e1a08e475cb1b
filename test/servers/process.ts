import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { findCommand } from './find-command.ts'
import { killAtExit } from './leave-nothing.ts'

/** What to start, and how to see that it serves. */
export interface Launch {
  readonly name: string
  /** Where its log is written, as `<name>.log`. */
  readonly folder: string
  readonly command: readonly string[]
  /** Asked every 20 ms; may throw or reject, which is "not yet". */
  isReady(): Promise<boolean>
}

/** A server that can be killed and started again, with the same ports and files. */
export interface ServerProcess {
  readonly log: string
  /** Of the process that runs now. @throws when none does */
  pid(): number
  /** Starts it and waits until it is ready. @throws after 60 s, or when it ends before, with the end of its log */
  start(): Promise<void>
  /** SIGKILL, and waits until it is gone. */
  kill(): Promise<void>
  /** SIGTERM, after 8 s or the given time SIGKILL, and waits until it is gone. */
  stop(limitMs?: number): Promise<void>
  /** Stands still without closing a connection (SIGSTOP), and goes on (SIGCONT). */
  freeze(): void
  thaw(): void
}

const READY_MS = 60_000
const STOP_MS = 8000

/** A server that is not started yet. */
export function serverProcess(launch: Launch): ServerProcess {
  const log = join(launch.folder, `${launch.name}.log`)
  let child: ChildProcess | undefined
  const end = async (signal: NodeJS.Signals, limitMs = STOP_MS): Promise<void> => {
    if (child !== undefined) await endChild(child, signal, limitMs)
    child = undefined
  }
  return {
    log,
    pid: () => {
      if (child?.pid === undefined || hasEnded(child)) throw new Error(`${launch.name} does not run`)
      return child.pid
    },
    start: async () => {
      if (child?.pid !== undefined && !hasEnded(child)) throw new Error(`${launch.name} runs already`)
      child = spawnLogged(launch.command, log)
      await untilReady(launch, child, log)
    },
    kill: () => end('SIGKILL'),
    stop: (limitMs) => end('SIGTERM', limitMs),
    freeze: () => void child?.kill('SIGSTOP'),
    thaw: () => void child?.kill('SIGCONT'),
  }
}

function spawnLogged(words: readonly string[], log: string): ChildProcess {
  const [command, ...args] = [...dieWithParent(), ...words]
  const file = openSync(log, 'a')
  const child = spawn(command, args, { stdio: ['ignore', file, file] })
  closeSync(file)
  killAtExit(child)
  return child
}

/** Linux ends the server even when this process is killed with SIGKILL. */
function dieWithParent(): readonly string[] {
  const setpriv = process.platform === 'linux' ? findCommand('setpriv') : undefined
  return setpriv === undefined ? [] : [setpriv, '--pdeathsig', 'KILL']
}

async function untilReady({ name, isReady }: Launch, child: ChildProcess, log: string): Promise<void> {
  let error: Error | undefined
  child.once('error', (reason) => {
    error = reason
  })
  for (const deadline = performance.now() + READY_MS; performance.now() < deadline; await sleep(20)) {
    if (error !== undefined) throw error
    if (hasEnded(child))
      throw new Error(`${name} ended before it was ready; its log ends with:\n${tail(log)}`)
    if (await isReady().catch(() => false)) return
  }
  await endChild(child, 'SIGKILL', STOP_MS)
  throw new Error(`${name} was not ready after ${READY_MS / 1000} s; its log ends with:\n${tail(log)}`)
}

async function endChild(child: ChildProcess, signal: NodeJS.Signals, limitMs: number): Promise<void> {
  if (hasEnded(child)) return
  child.ref()
  const ended = once(child, 'exit')
  child.kill(signal)
  const late = setTimeout(() => child.kill('SIGKILL'), limitMs)
  await ended
  clearTimeout(late)
}

const hasEnded = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null

const tail = (log: string): string => readFileSync(log, 'utf8').trimEnd().split('\n').slice(-40).join('\n')
