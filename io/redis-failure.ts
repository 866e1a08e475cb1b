import { type WorldError, worldError } from './world-error.ts'

/** Answers of a server that is about to change, or not the one to ask: they pass without anybody's help. */
const PASSING = [
  'LOADING',
  'MASTERDOWN',
  'CLUSTERDOWN',
  'READONLY',
  'TRYAGAIN',
  'MOVED',
  'ASK',
  'UNBLOCKED',
  'BUSY',
]

/** Answers of a server that a person has to see to, and what that person should do. */
const REFUSALS: Readonly<Record<string, string>> = {
  OOM: 'raise maxmemory, or use fewer partitions on this server',
  MISCONF: 'the server cannot write to its disk: see its log',
  NOREPLICAS: 'fewer replicas are connected than min-replicas-to-write asks for',
  NOAUTH: 'add redis.password',
  WRONGPASS: 'check redis.username and redis.password',
  NOPERM: 'grant the ACL user what the documentation lists for the namespace',
}

/** What the client library says where it kept no reason to itself. */
const CLOSED = 'Connection is closed.'

/** An error of the client library about a cluster. */
interface ClusterError extends Error {
  readonly lastNodeError?: Error | null
}

/**
 * Why there is no connection. The client library only says of a cluster that its slots, and of Sentinels that the
 * master, could not be asked for.
 * @param sentinel what the connection to a Sentinel failed with last
 */
export function connectionFailure(failed: ClusterError, sentinel: Error | undefined): Error {
  const { message, lastNodeError } = failed
  const isOfSentinels = message.startsWith('All sentinels are unreachable')
  const last = isOfSentinels ? /Last error: (.*)/s.exec(message)?.[1] : lastNodeError?.message
  if (last === undefined) return failed
  const reasons = [last, sentinel?.message].filter((it) => it !== undefined && it !== CLOSED)
  const reason =
    reasons[0] ?? 'connections are closed at once: is TLS on at both ends, for that name and authority?'
  return new Error(isOfSentinels ? `no Sentinel names the master: ${reason}` : reason, { cause: failed })
}

/**
 * The failure of a command as an error with a code: `redis-unreachable` and `redis-refused` may pass and the command
 * may be repeated; `redis-error` is a mistake of ours.
 * @param place where Redis is, for the message
 */
export function redisFailure(failed: unknown, place: string): WorldError {
  const text = failed instanceof Error ? failed.message : String(failed)
  const cause = withoutCommand(failed)
  const word = /^(?:ERR )?(?:Error running script.*?: )?-?([A-Z]{2,})\b/.exec(text)?.[1] ?? ''
  const advice = REFUSALS[word]
  if (advice !== undefined)
    return worldError('redis-refused', `redis at ${place} refused a command: ${text}; ${advice}`, cause)
  if (isReply(failed) && !PASSING.includes(word))
    return worldError('redis-error', `redis at ${place} cannot run a command: ${text}`, cause)
  return worldError('redis-unreachable', `cannot reach redis at ${place}: ${text}`, cause)
}

function isReply(cause: unknown): boolean {
  return cause instanceof Error && cause.name === 'ReplyError'
}

/** The client library hangs the whole command on an error: a password, or a chunk of a checkpoint, for the log. */
function withoutCommand(failed: unknown): unknown {
  if (!(failed instanceof Error) || !('command' in failed)) return failed
  return Object.assign(new Error(failed.message), { name: failed.name })
}
