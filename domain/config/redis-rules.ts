import type { SecretReference } from './alerter.ts'
import type { Mistake, OptionPath } from './option.ts'
import type { Config } from './schema.ts'

const PLACES = ['address', 'sentinel', 'cluster'] as const

/** Redis is found in one way, and each of its passwords in one place. */
export function checkRedis({ redis }: Config): readonly Mistake[] {
  if (redis === undefined) return []
  const places = PLACES.filter((place) => redis[place] !== undefined)
  return [
    ...checkPlaces(places),
    ...checkPassword(redis.password, ['redis', 'password']),
    ...checkPassword(redis.sentinel?.password, ['redis', 'sentinel', 'password']),
    ...checkUser(redis),
  ]
}

function checkPlaces(places: readonly string[]): readonly Mistake[] {
  if (places.length === 1) return []
  const problem =
    places.length === 0
      ? 'the section does not say where Redis is'
      : `found ${places.map((place) => `"${place}"`).join(' and ')}`
  const fix = 'write exactly one of "address", "sentinel" and "cluster", for example address: localhost:6379'
  return [{ path: ['redis'], problem, fix }]
}

function checkPassword(password: SecretReference | undefined, path: OptionPath): readonly Mistake[] {
  if (password === undefined || (password.file === undefined) !== (password.env === undefined)) return []
  return [
    {
      path,
      problem: password.file === undefined ? 'the password has no place' : 'found both "file" and "env"',
      fix: 'write exactly one of the two, for example { env: MESHWATCH_REDIS_PASSWORD }',
    },
  ]
}

function checkUser({ username, password }: NonNullable<Config['redis']>): readonly Mistake[] {
  if (username === undefined || password !== undefined) return []
  return [
    {
      path: ['redis', 'username'],
      problem: 'the user has no password',
      fix: 'add "password" with the place where it is found, or remove "username"',
    },
  ]
}
