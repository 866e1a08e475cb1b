import { basename } from 'node:path'
import { startKafka } from './kafka.ts'

/** Where `npm test` says that a broker runs which all test files share. */
export const SHARED_KAFKA = 'MESHWATCH_TEST_KAFKA'

/** A broker that others may use too: whoever stops or fills it for a test starts one of its own. */
export interface KafkaForTests {
  /** `host:port` of each broker, plain. */
  readonly bootstrap: readonly string[]
  /** For the names of all topics and groups of this test file: nobody else has it. */
  readonly prefix: string
  /** Stops it, when it is not shared. */
  stop(): Promise<void>
}

/**
 * The broker that all test files share in a run of `npm test` (a file that started its own would wait seconds for it),
 * or a new one for a file that runs alone.
 *
 * @throws as `startKafka` does
 */
export async function kafkaForTests(): Promise<KafkaForTests> {
  const prefix = `${basename(process.argv[1], '.test.ts')}-${process.pid}.`
  const shared = process.env[SHARED_KAFKA]
  if (shared !== undefined) return { bootstrap: shared.split(','), prefix, stop: async () => {} }
  const { bootstrap, stop } = await startKafka()
  return { bootstrap, prefix, stop }
}
