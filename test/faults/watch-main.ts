import { loadConfig } from '../../cli/load-config.ts'
import { embeddedSetup } from '../../cli/run.ts'
import { type WatchSetup, watch } from '../../cli/watch.ts'

/**
 * `meshwatch run` that kills itself at a chosen place: `node watch-main.ts CONFIG [POINT [COUNT]]` ends with SIGKILL
 * when it comes to the point for the COUNTth time. Says where its intake is once it watches.
 */
const [path, point, count = '1'] = process.argv.slice(2)

let left = Number(count)

/** The wall clock stands still: what it adds while nothing comes belongs to the log, and no two runs are idle alike. */
const NOW = Date.UTC(2027, 0, 1)

/** Dies here when it is time to. */
async function here(place: string): Promise<void> {
  if (place !== point || --left > 0) return
  process.kill(process.pid, 'SIGKILL')
  await new Promise(() => {})
}

/** The function with a place before and behind each call. */
function between<Args extends unknown[], Result>(name: string, call: (...args: Args) => Promise<Result>) {
  return async (...args: Args): Promise<Result> => {
    await here(`before ${name}`)
    const result = await call(...args)
    await here(`after ${name}`)
    return result
  }
}

function mortal(setup: WatchSetup): WatchSetup {
  const { checkpoints, incidents, rejects, journal } = setup.ports
  incidents.apply = between('apply', incidents.apply.bind(incidents))
  return {
    ...setup,
    ports: {
      incidents,
      checkpoints: { ...checkpoints, saveAll: between('save', checkpoints.saveAll) },
      rejects: { ...rejects, keep: between('keep', rejects.keep) },
      journal: { ...journal, append: between('append', journal.append) },
    },
    clock: () => NOW,
    send: between('send', setup.send),
    onReport: (report) => {
      if (!report.isIdle) void here('round')
    },
  }
}

const config = await loadConfig(path)
const watching = await watch(
  mortal(embeddedSetup(config, (level, message, fields) => console.error(level, message, fields ?? ''))),
)
// The test that started it has gone.
process.stdin.on('end', () => process.exit(1)).resume()
process.on('SIGTERM', () => void watching.stop().then(() => process.exit()))
console.log(watching.doors.intake)
await watching.ended
