import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { basename } from 'node:path'

/**
 * Runs a command to its end, with nothing on its standard input.
 *
 * @throws with the end of what it printed, when it fails
 */
export async function runQuietly(
  [command, ...args]: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<void> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], env })
  let printed = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      printed = `${printed}${text}`.slice(-2000)
    })
  }
  const [code, signal] = await once(child, 'close')
  if (code !== 0) throw new Error(`${basename(command)} failed with ${code ?? signal}: ${printed.trim()}`)
}
