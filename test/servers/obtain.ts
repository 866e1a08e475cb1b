import { type ServerName, WHY_NOT } from './availability.ts'
import { findCommand } from './find-command.ts'
import { obtainDebian } from './obtain-debian.ts'
import { obtainKafka } from './obtain-kafka.ts'

/** Commands that a server is made of or fetched with, and the Debian package of each. */
const PACKAGES: Readonly<Record<ServerName, Readonly<Record<string, string>>>> = {
  kafka: { java: 'default-jre-headless', mvn: 'maven' },
  redis: { 'redis-server': 'redis-server', 'redis-cli': 'redis-tools' },
  prometheus: { prometheus: 'prometheus' },
  alertmanager: { 'prometheus-alertmanager': 'prometheus-alertmanager' },
  zsh: { zsh: 'zsh' },
  fish: { fish: 'fish' },
}

/**
 * Gets every server that is not here, as far as this machine and we who ask are up to it, and prints one line for each.
 *
 * @returns whether all can be started now
 */
export async function obtainServers(): Promise<boolean> {
  let isComplete = true
  for (const name of Object.keys(WHY_NOT) as ServerName[]) {
    const isHere = WHY_NOT[name]() === undefined
    const failure = await obtain(name).then(
      () => WHY_NOT[name](),
      (error: Error) => error.message,
    )
    isComplete &&= failure === undefined
    console.log(
      failure === undefined ? `${isHere ? 'here' : 'got '}  ${name}` : `MISSING  ${name}: ${failure}`,
    )
  }
  return isComplete
}

async function obtain(name: ServerName): Promise<void> {
  if (WHY_NOT[name]() !== undefined) await installPackages(name)
  if (name === 'kafka') await obtainKafka()
}

async function installPackages(name: ServerName): Promise<void> {
  const missing = Object.entries(PACKAGES[name]).filter(([command]) => findCommand(command) === undefined)
  if (missing.length > 0) await obtainDebian(missing.map(([, debian]) => debian))
}
