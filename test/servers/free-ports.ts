import { once } from 'node:events'
import { createServer } from 'node:net'

/**
 * Below the kernel's own range (32768 and up): a server that is killed and started again finds its port free, and
 * no client that retries meets itself on it.
 */
const LOWEST = 20_000
const SEGMENT = 64
const SEGMENTS = 190
const HIGHEST = LOWEST + SEGMENT * SEGMENTS

/** Processes that look at the same time look in different places. */
let next = LOWEST + (process.pid % SEGMENTS) * SEGMENT

/** @returns ports of 127.0.0.1 that nobody listens on, each given once in the life of this process */
export async function freePorts(count: number): Promise<readonly number[]> {
  const ports: number[] = []
  for (let looked = 0; ports.length < count; looked++) {
    if (looked > HIGHEST - LOWEST) throw new Error(`no ${count} free ports from ${LOWEST} to ${HIGHEST}`)
    const port = next++
    if (next === HIGHEST) next = LOWEST
    if (await isFree(port)) ports.push(port)
  }
  return ports
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1')
  try {
    await once(server, 'listening')
  } catch {
    return false
  }
  await new Promise((resolve) => server.close(resolve))
  return true
}
