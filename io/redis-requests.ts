import { sha256Hex } from './hash.ts'
import type { IntakeLine, RequestPart } from './intake-record.ts'
import type { Redis, RedisScript } from './redis.ts'

/**
 * Where in the log each request lies first. A request that lies there again, because its sender or we repeated what
 * was not answered, is left out at every other place, whoever reads it and however often.
 */
export interface RequestPlaces {
  /**
   * True for a part that is at its first place in 24 hours.
   * @param line with what the partition is called, and the time of the record, epoch ms
   */
  isFirst(line: IntakeLine, at: { readonly partition: string; readonly time: number }): Promise<boolean>
  /** True for a part that was read in the 24 hours before `now`, epoch ms. */
  isKnown(part: RequestPart, now: number): Promise<boolean>
}

/** How long a key is good for, by the times of the records. */
const KEY_LIFE_MS = 24 * 3_600_000

/** Requests that were given no key are only repeated by ourselves, at once. */
const OWN_LIFE_MS = 3_600_000

const OWN = 'own:'

/** Name of a request with this key, or of one without, by a word that nobody else has. */
export function requestName(key: string | undefined, word: string): string {
  return key === undefined ? `${OWN}${word}` : `key:${key}`
}

/** Kafka gives a record that came without a time the time -1. */
const TAKE_PLACE: RedisScript = {
  name: 'meshwatchTakeRequestPlace',
  lua: `
local known = redis.call('GET', KEYS[1])
if known then
  local time, place = string.match(known, '^(%-?%d+) (.*)$')
  if place == ARGV[1] then return 1 end
  if tonumber(ARGV[2]) - tonumber(time) < tonumber(ARGV[3]) then return 0 end
end
redis.call('SET', KEYS[1], ARGV[2] .. ' ' .. ARGV[1], 'PX', ARGV[4])
return 1`,
}

/** @param keptMs how long the log keeps a request: it may be read so late */
export function requestPlaces(redis: Redis, keptMs: number): RequestPlaces {
  const keyOf = ({ source, request, part }: RequestPart) =>
    `{${redis.namespace}:intake-${sha256Hex(JSON.stringify([source, request, part]))}}`
  return {
    isFirst: async (line, { partition, time }) => {
      const expiryMs = line.request.startsWith(OWN) ? OWN_LIFE_MS : KEY_LIFE_MS + keptMs
      const values = [`${partition} ${line.first}`, time, KEY_LIFE_MS, expiryMs]
      return (await redis.run(TAKE_PLACE, { keys: [keyOf(line)], values })) === 1
    },
    isKnown: async (part, now) => {
      const known = await redis.command('get', keyOf(part))
      return typeof known === 'string' && now - Number(known.split(' ')[0]) < KEY_LIFE_MS
    },
  }
}
