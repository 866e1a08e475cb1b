import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

/** The demo as a process of its own. */
export interface DemoRun {
  /** `host:port` of its metrics. */
  readonly metrics: string
  /** Base URL of its API. */
  readonly api: string
  /** Resolves when a line that begins so was written. */
  said(beginning: string): Promise<void>
  stop(): Promise<void>
}

const MAIN = new URL('../../bin/meshwatch.js', import.meta.url).pathname

/** Starts the demo. Resolves when its ports are open. */
export async function startDemo(): Promise<DemoRun> {
  const child = spawn(process.execPath, [MAIN, 'demo'], { stdio: ['ignore', 'pipe', 'inherit'] })
  const lines: string[] = []
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line)
    child.emit('line')
  })
  const find = async (beginning: string): Promise<string> => {
    for (;;) {
      const line = lines.find((each) => each.startsWith(beginning))
      if (line !== undefined) return line
      if (child.exitCode !== null) throw new Error(`the demo ended before it said ${beginning}`)
      await Promise.race([once(child, 'line'), once(child, 'close')])
    }
  }
  const api = new URL((await find('API')).split(/\s+/)[1])
  const metrics = new URL((await find('metrics')).split(/\s+/)[1])
  const said = (beginning: string) => find(beginning).then(() => {})
  return { metrics: metrics.host, api: api.origin, said, stop: () => stop(child) }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return
  child.kill('SIGTERM')
  await once(child, 'close')
}
