import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** @returns whether a server of this machine accepts connections there */
export async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return true
  } finally {
    socket.destroy()
  }
}

/** @returns whether a server of this machine answers these bytes with text that matches */
export async function answers(port: number, question: string, answer: RegExp): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  try {
    socket.write(question)
    const [bytes] = await once(socket, 'data', { signal: AbortSignal.timeout(2000) })
    return answer.test(String(bytes))
  } finally {
    socket.destroy()
  }
}

/** @returns whether a GET is answered with 200 */
export async function isUp(url: string): Promise<boolean> {
  return (await fetch(url, { signal: AbortSignal.timeout(2000) })).ok
}

const READY_MS = 60_000

/** Asks every 20 ms until it is so; a question that fails is "not yet". @throws after 60 s, naming `what` was awaited */
export async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  for (const deadline = performance.now() + READY_MS; performance.now() < deadline; await sleep(20)) {
    if (await isSo().catch(() => false)) return
  }
  throw new Error(`not so after ${READY_MS / 1000} s: ${what}`)
}
