import { once } from 'node:events'
import { connect } from 'node:net'

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
