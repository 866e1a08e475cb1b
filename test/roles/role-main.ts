import { once } from 'node:events'
import { writeSync } from 'node:fs'
import { loadConfig } from '../../cli/load-config.ts'
import type { Role, RoleName } from '../../cli/roles/role.ts'
import { runRole } from '../../cli/roles/run-role.ts'

/**
 * `meshwatch run --role` that kills itself at a chosen place: `node role-main.ts ROLE CONFIG [PLACE COUNT [SIGNAL]]`
 * ends with SIGKILL when it comes to the place for the COUNTth time; with SIGSTOP it says so and stands still, and with
 * SIGTERM it begins to end in order before it goes on.
 */
const [name, path, place = '', count = '1', signal = 'SIGKILL'] = process.argv.slice(2)

let left = Number(count)

/** Dies here when it is time to. */
async function here(where: string): Promise<void> {
  if (where !== place || --left !== 0) return
  if (signal === 'SIGSTOP') writeSync(2, 'stands still\n')
  const told = signal === 'SIGTERM' ? once(process, signal) : undefined
  process.kill(process.pid, signal)
  await told
  if (signal === 'SIGKILL') await new Promise(() => {})
}

/** The function with a place before and behind each call. */
function between<Args extends unknown[], Result>(
  what: string | ((...args: Args) => string),
  call: (...args: Args) => Promise<Result>,
) {
  return async (...args: Args): Promise<Result> => {
    const name = typeof what === 'string' ? what : what(...args)
    await here(`before ${name}`)
    const result = await call(...args)
    await here(`after ${name}`)
    return result
  }
}

function mortal(role: Role): Role {
  const { ports, producer, topics } = role
  const nameOf = (topic: string) => Object.entries(topics).find(([, it]) => it.topic === topic)?.[0] ?? topic
  return {
    ...role,
    producer: { ...producer, append: between((topic) => `append ${nameOf(topic)}`, producer.append) },
    ports: {
      send: between('send', ports.send),
      checkpoints: (redis) => {
        const { claim, save } = ports.checkpoints(redis)
        return { claim: between('claim', claim), save: between('save', save) }
      },
      claimIncidents: async (redis, partition) => {
        const store = await ports.claimIncidents(redis, partition)
        await here('after claim')
        return {
          ...store,
          apply: between('apply', store.apply),
          settle: between('settle', store.settle),
        }
      },
    },
  }
}

await runRole(name as RoleName, await loadConfig(path), mortal)
