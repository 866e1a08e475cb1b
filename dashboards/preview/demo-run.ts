import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

/** The demo as a process of its own. */
export interface DemoRun {
  /** `host:port` of its metrics. */
  readonly metrics: string
  /** Base URL of its API. */
  readonly api: string
  /** The first line that begins so, when it is written; rejects when the demo ends before. */
  said(beginning: string): Promise<string>
  stop(): Promise<void>
}

const MAIN = new URL('../../bin/meshwatch.js', import.meta.url).pathname

/** Starts the demo. Resolves when its ports are open. */
export async function startDemo(): Promise<DemoRun> {
  const child = spawn(process.execPath, [MAIN, 'demo'], { stdio: ['ignore', 'pipe', 'inherit'] })
  const said = listenTo(child)
  const [api, metrics] = await Promise.all([said('API'), said('metrics')])
  return {
    metrics: addressIn(metrics).host,
    api: addressIn(api).origin,
    said,
    stop: () => stop(child),
  }
}

function addressIn(line: string): URL {
  return new URL(line.split(/\s+/)[1])
}

function listenTo(child: ChildProcess): DemoRun['said'] {
  const lines: string[] = []
  const waiting = new Set<() => void>()
  const tellAll = () => {
    for (const look of waiting) look()
  }
  createInterface({ input: child.stdout! })
    .on('line', (line) => {
      lines.push(line)
      tellAll()
    })
    .on('close', tellAll)
  return (beginning) =>
    new Promise((resolve, reject) => {
      const look = () => {
        const line = lines.find((each) => each.startsWith(beginning))
        if (line === undefined && child.stdout?.readableEnded !== true) return
        waiting.delete(look)
        if (line === undefined) reject(new Error(`the demo ended before it said: ${beginning}`))
        else resolve(line)
      }
      waiting.add(look)
      look()
    })
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return
  child.kill('SIGTERM')
  await once(child, 'close')
}
