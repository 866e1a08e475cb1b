import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'

/** A line of the program's own log. */
export type LogLine = Readonly<Record<string, unknown>>

/** `meshwatch run` as a process of its own. */
export interface RunProcess {
  readonly process: ChildProcess
  readonly log: readonly LogLine[]
  /** All that was written to standard output, and to standard error. */
  stdout(): string
  stderr(): string
  /** The first log line with this message, when it comes; rejects when the process ends before. */
  said(message: string): Promise<LogLine>
  /** Its exit code, when it has ended. */
  readonly ended: Promise<number | null>
}

/** Processes that live: a test that fails leaves its own behind. */
const living = new Set<ChildProcess>()

/** For the end of a test file. */
export function endProcesses(): void {
  for (const child of living) child.kill('SIGKILL')
}

const MAIN = new URL('../bin/meshwatch.js', import.meta.url).pathname

/** Writes a configuration with free ports into a new folder. @returns the folder */
export function runFolder(yaml = ''): string {
  const folder = mkdtempSync(join(tmpdir(), 'meshwatch-run-'))
  writeFileSync(join(folder, 'meshwatch.yaml'), yaml)
  return folder
}

/** A configuration that opens every port on a free number. */
export const FREE_PORTS = 'api: { port: 0 }\nmetrics: { port: 0 }\n'

/** Starts a command of the checkout or of an installed package, by default `run` with the configuration of a folder. */
export function startProcess(
  folder: string,
  args = ['run', '--config', 'meshwatch.yaml'],
  main = MAIN,
): RunProcess {
  const child = spawn(process.execPath, [main, ...args], { cwd: folder, stdio: 'pipe' })
  living.add(child)
  let [stdout, stderr] = ['', '']
  const log: LogLine[] = []
  child.stdout.on('data', (text) => {
    stdout += text
  })
  createInterface({ input: child.stderr }).on('line', (line) => {
    stderr += `${line}\n`
    if (line.startsWith('{')) log.push(JSON.parse(line))
  })
  const ended = once(child, 'close').then(([code]) => code as number | null)
  let isOver = false
  void ended.then(() => {
    living.delete(child)
    isOver = true
  })
  return {
    process: child,
    log,
    stdout: () => stdout,
    stderr: () => stderr,
    ended,
    said: (message) =>
      eventually(() => {
        const line = log.find(({ msg }) => msg === message)
        if (line === undefined && isOver) throw new Error(`ended without saying "${message}": ${stderr}`)
        return line
      }),
  }
}

/** What `look` gives as soon as it is not undefined. */
export async function eventually<Result>(
  look: () => Result | undefined | Promise<Result | undefined>,
  patienceMs = 30_000,
): Promise<Result> {
  const deadline = performance.now() + patienceMs
  for (let found = await look(); ; found = await look()) {
    if (found !== undefined) return found
    if (performance.now() > deadline) throw new Error(`it did not happen within ${patienceMs / 1000} s`)
    await sleep(20)
  }
}
