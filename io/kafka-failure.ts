import { worldError } from './world-error.ts'

/** The words of kafkajs for what happened: names of its errors and types of the brokers' answers, of the whole chain. */
function wordsOf(error: unknown): ReadonlySet<string> {
  const words = new Set<string>()
  for (let at = error, depth = 0; at instanceof Error && depth < 10; at = at.cause, depth++) {
    words.add(at.name)
    if ('type' in at && typeof at.type === 'string') words.add(at.type)
    if ('code' in at && typeof at.code === 'string') words.add(at.code)
  }
  return words
}

const has = (error: unknown, words: readonly string[]): boolean => {
  const found = wordsOf(error)
  return words.some((word) => found.has(word))
}

/** The group has begun to share out its partitions anew, or has given up this member: ours are no longer ours. */
export function isRebalance(error: unknown): boolean {
  return has(error, [
    'REBALANCE_IN_PROGRESS',
    'ILLEGAL_GENERATION',
    'UNKNOWN_MEMBER_ID',
    'NOT_COORDINATOR_FOR_GROUP',
    'MEMBER_ID_REQUIRED',
    'FENCED_INSTANCE_ID',
  ])
}

/** The brokers will never take these records, however often they are offered. */
export function isTooLarge(error: unknown): boolean {
  return has(error, ['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE', 'INVALID_RECORD'])
}

/** The brokers no longer know the number that this producer goes by: only a new one can go on. */
export function needsNewProducer(error: unknown): boolean {
  return has(error, [
    'OUT_OF_ORDER_SEQUENCE_NUMBER',
    'DUPLICATE_SEQUENCE_NUMBER',
    'UNKNOWN_PRODUCER_ID',
    'INVALID_PRODUCER_EPOCH',
    'INVALID_PRODUCER_ID_MAPPING',
    'PRODUCER_FENCED',
  ])
}

/** What kafkajs fails with when a broker goes while it is asked which topics there are: there is no answer to take apart. */
const NO_METADATA = "'topicMetadata'"

/** Brokers are away, or busy with finding a leader: waiting helps, however long. */
export function isOutage(error: unknown): error is Error {
  if (!(error instanceof Error)) return false
  let first = error
  while (first.cause instanceof Error) first = first.cause
  if ('retriable' in first && first.retriable === true) return true
  if (first.message.includes(NO_METADATA)) return true
  return has(error, ['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN', 'kafka-token'])
}

/** No broker is ready to see to the group, which is so each time that the first one begins or another takes over. */
export function isCoordinatorMoving(error: unknown): boolean {
  return has(error, [
    'GROUP_LOAD_IN_PROGRESS',
    'GROUP_COORDINATOR_NOT_AVAILABLE',
    'NOT_COORDINATOR_FOR_GROUP',
  ])
}

/** A line for people, with what kafkajs said last. */
export function kafkaError(code: string, what: string, cause: unknown): Error {
  const said = cause instanceof Error ? cause.message.split('\n')[0] : String(cause)
  return worldError(code, `${what}: ${said}`, cause)
}
