import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, constants, copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { envoyLine, lineFile } from './lines.ts'

/**
 * `meshwatch run` as a process of its own over one large file: it catches up with what is there, then follows what is
 * appended. Lines a second of catching up, and the peak memory of the process.
 */

/** Ten times as fast as a file of 10 GB a day grows. */
const BYTES_PER_SECOND = (10 * (10 * 2 ** 30)) / 86_400
const APPEND_SECONDS = 30
const APPEND_EVERY_MS = 100
const LOOK_EVERY_MS = 100

interface Follower {
  readonly process: ChildProcess
  /** Address of its metrics. */
  readonly metrics: string
  /** All that it has logged. */
  readonly log: readonly string[]
}

export async function benchFollow(lines: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'meshwatch-follow-'))
  const file = join(folder, 'access.log')
  const { path, bytes } = lineFile(lines)
  copyFileSync(path, file, constants.COPYFILE_FICLONE)
  const follower = await start(folder)
  try {
    const began = performance.now()
    await taken(follower, lines)
    const rate = lines / ((performance.now() - began) / 1000)
    const appended = await append(follower, { file, from: lines, lineBytes: bytes / lines })
    follower.process.kill('SIGTERM')
    await once(follower.process, 'close')
    const peak = /peak memory (\d+)/.exec(follower.log.at(-1) ?? '')
    if (peak === null) throw new Error(`the watcher failed: ${follower.log.join('\n')}`)
    console.log(
      `run follows a file of ${Math.round(bytes / 2 ** 20)} MiB: ${Math.round(rate).toLocaleString('en')} lines/s to catch up, ` +
        `then ${appended.toLocaleString('en')} lines as they are written, at 100 GiB a day; peak memory ${Math.round(Number(peak[1]) / 2 ** 20)} MiB`,
    )
  } finally {
    follower.process.kill('SIGKILL')
    rmSync(folder, { recursive: true })
  }
}

async function start(folder: string): Promise<Follower> {
  writeFileSync(
    join(folder, 'meshwatch.yaml'),
    'api: { port: 0 }\nmetrics: { port: 0 }\nintake: { enabled: false }\nsources: [{ file: access.log }]\n',
  )
  const main = new URL('../../bin/meshwatch.js', import.meta.url).pathname
  const measure = new URL('./peak-memory.ts', import.meta.url).pathname
  const child = spawn(process.execPath, ['--import', measure, main, 'run', '--config', 'meshwatch.yaml'], {
    cwd: folder,
    stdio: ['ignore', 'inherit', 'pipe'],
  })
  const log: string[] = []
  const metrics = new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stderr }).on('line', (line) => {
      log.push(line)
      const address = /"metrics":"([^"]+)"/.exec(line)
      if (address !== null) resolve(address[1])
    })
    child.once('exit', () => reject(new Error(`the watcher ended: ${log.join('\n')}`)))
  })
  return { process: child, metrics: await metrics, log }
}

/** Waits until so many lines were taken in, but for the one that is held back. */
async function taken({ metrics }: Follower, lines: number): Promise<void> {
  for (let count = 0; count < lines - 1; await sleep(LOOK_EVERY_MS)) {
    const text = await (await fetch(metrics)).text()
    count = [...text.matchAll(/^meshwatch_events_received_total\S* (\d+)/gm)].reduce(
      (sum, [, n]) => sum + Number(n),
      0,
    )
  }
}

interface Appending {
  readonly file: string
  /** Number of the first line. */
  readonly from: number
  readonly lineBytes: number
}

async function append(follower: Follower, { file, from, lineBytes }: Appending): Promise<number> {
  const total = Math.floor((BYTES_PER_SECOND * APPEND_SECONDS) / lineBytes)
  const began = performance.now()
  for (let written = 0; written < total; await sleep(APPEND_EVERY_MS)) {
    const due = Math.min(total, Math.ceil((total * (performance.now() - began)) / (APPEND_SECONDS * 1000)))
    const lines = Array.from({ length: due - written }, (_, i) => `${envoyLine(from + written + i)}\n`)
    appendFileSync(file, lines.join(''))
    written = due
  }
  await taken(follower, from + total)
  return total
}

if (import.meta.main) await benchFollow(Number(process.argv[2] ?? 1_000_000))
