import { spawnSync } from 'node:child_process'
import { createReadStream } from 'node:fs'
import { lineFile } from './lines.ts'

/**
 * Replay end to end (read, parse, pack, analyze, alert) as a process of its own, in turn with a bare `JSON.parse` over
 * the lines of the same file: lines a second of both, their ratio, and the peak memory of the replay.
 */

const ROUNDS = 3

function replay(path: string): { linesPerSecond: number; peakBytes: number } {
  const main = new URL('../../bin/meshwatch.js', import.meta.url).pathname
  const measure = new URL('./peak-memory.ts', import.meta.url).pathname
  const child = spawnSync(process.execPath, ['--import', measure, main, 'replay', path], {
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  })
  const rate = /\((\d+) lines\/s\)/.exec(child.stderr)
  const peak = /peak memory (\d+)/.exec(child.stderr)
  if (rate === null || peak === null) throw new Error(`the replay failed: ${child.stderr}`)
  return { linesPerSecond: Number(rate[1]), peakBytes: Number(peak[1]) }
}

export async function benchReplay(lines: number): Promise<void> {
  const { path, bytes } = lineFile(lines)
  let best = 0
  let bestBare = 0
  let bestRatio = 0
  let peakBytes = 0
  for (let round = 0; round < ROUNDS; round++) {
    const parsed = await bareSplit(path)
    const { linesPerSecond, peakBytes: peak } = replay(path)
    bestBare = Math.max(bestBare, parsed)
    best = Math.max(best, linesPerSecond)
    bestRatio = Math.max(bestRatio, linesPerSecond / parsed)
    peakBytes = Math.max(peakBytes, peak)
  }
  console.log(
    `replay of ${lines.toLocaleString('en')} Envoy JSON lines of ${Math.round(bytes / lines)} B: ${Math.round(best).toLocaleString('en')} lines/s, ` +
      `JSON.parse alone ${Math.round(bestBare).toLocaleString('en')}, best ratio ${bestRatio.toFixed(2)}, peak memory ${Math.round(peakBytes / 2 ** 20)} MiB`,
  )
}

/** `JSON.parse` of each line of chunks that were decoded at once: the least that any reader in JavaScript does. */
async function bareSplit(path: string): Promise<number> {
  const began = performance.now()
  let lines = 0
  let total = 0
  let rest = ''
  for await (const chunk of createReadStream(path, { encoding: 'utf8', highWaterMark: 65_536 })) {
    const text = rest + (chunk as string)
    let from = 0
    for (let to = text.indexOf('\n', from); to >= 0; to = text.indexOf('\n', from)) {
      total += (JSON.parse(text.slice(from, to)) as { duration: number }).duration
      lines++
      from = to + 1
    }
    rest = text.slice(from)
  }
  if (total < 0) throw new Error('unreachable')
  return lines / ((performance.now() - began) / 1000)
}

if (import.meta.main) await benchReplay(Number(process.argv[2] ?? 1_000_000))
