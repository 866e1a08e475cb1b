import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { findCommand } from './find-command.ts'

/** Names the jars of Kafka. 4.3.1 is the newest of which both broker and tools are on Maven Central. */
export const POM = new URL('kafka.pom.xml', import.meta.url).pathname

/** What is fetched is kept here, out of version control. */
export const CACHE = new URL('../../.cache', import.meta.url).pathname

/** `libs/` holds the jars, `formatted/<id>/` an empty data folder of each node; there only when complete. */
export const KAFKA_HOME = join(CACHE, `kafka-${digest(readFileSync(POM))}`)

/** Written last: whoever sees it may use the folder. */
export const KAFKA_STAMP = join(KAFKA_HOME, 'ok')

/** Whom every cluster knows by SCRAM. */
export const KAFKA_USER = { username: 'meshwatch', password: 'only-for-tests' }

/** Halves the time a broker needs to start. Made by one Java for one folder: another one makes its own. */
export function classArchive(java: string): string {
  const { stderr } = spawnSync(java, ['-version'], { encoding: 'utf8' })
  return join(KAFKA_HOME, `classes-${digest(stderr)}.jsa`)
}

/** The command that runs a main class of Kafka, with the memory of a small test. */
export function kafkaJava(flags: readonly string[], words: readonly string[], home = KAFKA_HOME): string[] {
  const java = findCommand('java')
  if (java === undefined) throw new Error('no java in PATH')
  const libs = join(home, 'libs')
  // In a fixed order: the archive of classes is good for one class path only.
  const jars = readdirSync(libs).sort()
  const path = jars.map((jar) => join(libs, jar)).join(':')
  const small = ['-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Dlog4j2.level=WARN']
  return [java, ...small, ...flags, '-cp', path, ...words]
}

/** @returns why no broker can be started, in words for a person, or undefined */
export function whyNoKafka(): string | undefined {
  if (findCommand('java') === undefined) return 'no java in PATH'
  return existsSync(KAFKA_STAMP) ? undefined : 'it is not fetched'
}

function digest(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex').slice(0, 12)
}
