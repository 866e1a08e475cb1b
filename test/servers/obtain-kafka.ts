import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { findCommand } from './find-command.ts'
import { kafkaNodes, startKafka } from './kafka.ts'
import { CACHE, classArchive, KAFKA_HOME, KAFKA_STAMP, KAFKA_USER, kafkaJava, POM } from './kafka-files.ts'
import { kafkaProperties } from './kafka-properties.ts'
import { runQuietly } from './run-quietly.ts'

/** All clusters have one id: whoever mixes up their ports mixes up their topics too. */
const CLUSTER_ID = 'MkU3OEVBNTcwNTJENDM2Qk'

/**
 * Fetches Kafka from Maven Central, formats the data folders of up to three nodes, and makes an archive of its classes
 * for this Java; what is there already is not made again. Two processes at once each make their own, and the first
 * to be ready puts it in place.
 *
 * @throws without Java or Maven, or when one of them fails
 */
export async function obtainKafka(): Promise<void> {
  const java = findCommand('java')
  const maven = findCommand('mvn')
  if (java === undefined) throw new Error('no java in PATH')
  if (!existsSync(KAFKA_STAMP)) {
    if (maven === undefined) throw new Error('no mvn in PATH')
    await fetchKafka(maven)
  }
  if (!existsSync(classArchive(java))) await archiveClasses(classArchive(java))
}

async function fetchKafka(maven: string): Promise<void> {
  mkdirSync(CACHE, { recursive: true })
  const home = mkdtempSync(`${KAFKA_HOME}-`)
  try {
    const repository = `-Dmaven.repo.local=${join(home, 'm2')}`
    const goal = ['dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${home}/libs`]
    await runQuietly([maven, '-B', '-q', '-ntp', '-f', POM, repository, ...goal])
    rmSync(join(home, 'm2'), { recursive: true })
    await format(home)
    writeFileSync(join(home, 'ok'), '')
    placeFolder(home)
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
}

/** A cluster starts from copies of these folders, which saves each the start of a JVM. */
async function format(home: string): Promise<void> {
  const nodes = await kafkaNodes(3, join(home, 'formatted'))
  const { username, password } = KAFKA_USER
  const users = ['SCRAM-SHA-256', 'SCRAM-SHA-512'].flatMap((mechanism) => [
    '--add-scram',
    `${mechanism}=[name=${username},password=${password}]`,
  ])
  for (const node of nodes) {
    const config = join(home, `${node.id}.properties`)
    writeFileSync(config, kafkaProperties(node, nodes))
    const words = ['format', '--config', config, '--cluster-id', CLUSTER_ID, ...users]
    await runQuietly(kafkaJava([], ['kafka.tools.StorageTool', ...words], home))
    rmSync(config)
  }
}

/** Renames to the final name; when another process was faster, its folder is as good. */
function placeFolder(home: string): void {
  if (!existsSync(KAFKA_STAMP)) rmSync(KAFKA_HOME, { recursive: true, force: true })
  try {
    renameSync(home, KAFKA_HOME)
  } catch (error) {
    if (!existsSync(KAFKA_STAMP)) throw error
  }
}

/** Java writes the archive when the broker stops in order. */
async function archiveClasses(archive: string): Promise<void> {
  const unfinished = `${archive}.${process.pid}`
  const kafka = await startKafka({ flags: [`-XX:ArchiveClassesAtExit=${unfinished}`] })
  await kafka.brokers[0].stop(60_000)
  await kafka.stop()
  renameSync(unfinished, archive)
}
