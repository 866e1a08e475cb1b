import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { RoleName } from '../../../cli/roles/role.ts'
import { killAtExit } from '../../servers/leave-nothing.ts'

/** A process that is measured. */
export interface Member {
  /** User and system time since it was started. */
  cpuSeconds(): number
  /** What it wrote last, on both of its outputs. */
  said(): string
  /** Resolves when it ends by itself. @throws when it failed, with what it said last */
  readonly ended: Promise<void>
  /** Ends it in order. @throws as `ended` does */
  stop(): Promise<void>
}

const MAIN = new URL('../../../bin/meshwatch.js', import.meta.url).pathname
/** Of `/proc/<pid>/stat`, on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100

export function startRole(role: RoleName, config: string): Member {
  return startMember([MAIN, 'run', '--role', role, '--config', config])
}

/** Runs Node with these words. */
export function startMember(words: readonly string[]): Member {
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'pipe'] })
  killAtExit(child)
  let said = ''
  for (const output of [child.stdout, child.stderr])
    output.on('data', (text) => {
      said = `${said}${text}`.slice(-20_000)
    })
  const ended = once(child, 'close').then(([code, signal]) => {
    if (code !== 0) throw new Error(`${words.join(' ')} ended with ${code ?? signal}: ${said}`)
  })
  ended.catch(() => {})
  return {
    cpuSeconds: () => cpuSeconds(child.pid!),
    said: () => said,
    ended,
    stop: async () => {
      child.ref()
      child.kill('SIGTERM')
      await ended
    },
  }
}

function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const [user, system] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13)
  return (Number(user) + Number(system)) / TICKS_PER_SECOND
}
