import { cpus } from 'node:os'
import { benchAnalyze } from './analyze.ts'
import { benchBatchCodec } from './batch-codec.ts'
import { benchFollow } from './follow.ts'
import { benchKafka } from './kafka.ts'
import { benchPack } from './pack.ts'
import { benchRedis } from './redis.ts'
import { benchReplay } from './replay.ts'
import { benchRoles } from './roles.ts'
import { benchStall } from './stall.ts'

/** `npm run bench`: what one core does, as it was measured in this run. */

const LINES = 1_000_000

console.log(
  `${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} cores, Node ${process.versions.node}`,
)
await benchPack(LINES)
await benchBatchCodec(300_000)
await benchReplay(LINES)
await benchFollow(LINES)
await benchStall()
await benchRedis()
await benchKafka(400_000)
await benchRoles()
benchAnalyze([3_000, 300_000, 3_000_000])
