import type { RedisScript } from './redis.ts'

/**
 * A partition's keys are a hash of facts (`meta`) and a hash of pages. A page is written under `<sequence>:<page>` and
 * never over the one that is in force, so what a crash leaves half written has a sequence that was never committed.
 */

/** What scripts answer: the number says whether a writer may go on. */
export const ANSWER = { done: 0, written: 1, lost: -1 } as const

/** ARGV: owner, sequence. Falls through when the writer holds the partition and its sequence comes next. */
const FOLLOWS = `
local meta = redis.call('HMGET', KEYS[1], 'owner', 'sequence', 'staging', 'chunks')
local stored, sequence = tonumber(meta[2] or 0), tonumber(ARGV[2])
if meta[1] ~= ARGV[1] then return ${ANSWER.lost} end
if stored == sequence then return ${ANSWER.done} end
if stored ~= sequence - 1 then return ${ANSWER.lost} end
local staging = ARGV[1] .. '/' .. ARGV[2]
local staged = meta[3] == staging and tonumber(meta[4]) or 0
`

/**
 * Writes one chunk of the next checkpoint. ARGV: owner, sequence, number of the chunk, then names and bytes. Chunks are
 * counted: a failover may lose an earlier one.
 */
export const STAGE: RedisScript = {
  name: 'meshwatchStageCheckpoint',
  lua: `${FOLLOWS}
local chunk = tonumber(ARGV[3])
if chunk < staged then return ${ANSWER.done} end
if chunk > staged then return ${ANSWER.lost} end
for from = 4, #ARGV, 500 do
  redis.call('HSET', KEYS[2], unpack(ARGV, from, math.min(from + 499, #ARGV)))
end
redis.call('HSET', KEYS[1], 'staging', staging, 'chunks', chunk + 1)
return ${ANSWER.written}`,
}

/** Puts the next checkpoint in force. ARGV: owner, sequence, number of chunks, number of fields in force from now on. */
export const COMMIT: RedisScript = {
  name: 'meshwatchCommitCheckpoint',
  lua: `${FOLLOWS}
if staged ~= tonumber(ARGV[3]) then return ${ANSWER.lost} end
redis.call('HSET', KEYS[1], 'sequence', ARGV[2], 'fields', ARGV[4])
redis.call('HDEL', KEYS[1], 'staging', 'chunks')
return ${ANSWER.written}`,
}

/**
 * Deletes fields that are no longer in force. ARGV: owner, the sequence since when, then names. A store that was rolled
 * back behind it needs them still.
 */
export const PRUNE: RedisScript = {
  name: 'meshwatchPruneCheckpoint',
  lua: `
local meta = redis.call('HMGET', KEYS[1], 'owner', 'sequence')
if meta[1] ~= ARGV[1] or tonumber(meta[2] or 0) < tonumber(ARGV[2]) then return ${ANSWER.lost} end
for from = 3, #ARGV, 500 do
  redis.call('HDEL', KEYS[2], unpack(ARGV, from, math.min(from + 499, #ARGV)))
end
return ${ANSWER.written}`,
}
