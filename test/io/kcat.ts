import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { findCommand } from '../servers/find-command.ts'

/** For `skip`: false when kcat, a client over librdkafka, is installed. */
export function withoutKcat(): string | false {
  return findCommand('kcat') === undefined ? 'needs kcat (apt-get install kcat)' : false
}

/** Appends each line as one record. @throws when kcat does not end well */
export async function produceLines(
  broker: string,
  topic: string,
  lines: readonly string[],
  more: readonly string[] = [],
): Promise<void> {
  const child = spawn(findCommand('kcat')!, ['-P', '-b', broker, '-t', topic, '-p', '0', ...more], {
    stdio: ['pipe', 'ignore', 'inherit'],
  })
  const ended = once(child, 'exit')
  child.stdin.end(`${lines.join('\n')}\n`)
  const [code] = await ended
  if (code !== 0) throw new Error(`kcat ended with ${code}`)
}
