import type { Mistake } from './option.ts'
import { repeated } from './repeated.ts'
import type { Config } from './schema.ts'

const GUARDED = ['intake', 'api'] as const
const LISTENING = ['intake', 'api', 'metrics'] as const

/** True for an address that only this machine reaches. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host)
}

/** A port that others reach needs a token; ports and tokens are used once. */
export function checkListening(config: Config): readonly Mistake[] {
  return [...checkExposure(config), ...checkPorts(config), ...checkTokens(config)]
}

function checkExposure(config: Config): readonly Mistake[] {
  return GUARDED.filter((role) => config[role].enabled && config[role].tokens.length === 0)
    .filter((role) => !isLoopback(config[role].host))
    .map((role) => ({
      path: [role, 'host'],
      problem: `${config[role].host} is reached from other machines, and no token protects it`,
      fix: `run "meshwatch token" and add what it prints under ${role}.tokens, or write host: 127.0.0.1`,
    }))
}

function checkPorts(config: Config): readonly Mistake[] {
  const roles = LISTENING.filter((role) => config[role].enabled)
  const ports = roles.map((role) => (config[role].port === 0 ? undefined : String(config[role].port)))
  return repeated(ports).map(({ at, first }) => ({
    path: [roles[at], 'port'],
    problem: `port ${ports[at]} is taken by ${roles[first]}.port`,
    fix: 'write a port that no other part of Meshwatch listens on',
  }))
}

function checkTokens(config: Config): readonly Mistake[] {
  return GUARDED.flatMap((role) =>
    (['name', 'sha256'] as const).flatMap((key) =>
      repeated(config[role].tokens.map((token) => token[key])).map(({ at, first }) => ({
        path: [role, 'tokens', at, key],
        problem: `${role}.tokens[${first}] has the same ${key}`,
        fix: 'run "meshwatch token" once for each user, and give each a name of its own',
      })),
    ),
  )
}
