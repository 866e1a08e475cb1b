import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { findCommand } from './find-command.ts'
import { runQuietly } from './run-quietly.ts'

/** What packages ask before they start a service; 101 forbids it. */
const POLICY = '/usr/sbin/policy-rc.d'

const OPTIONS = ['-qq', '-y', '-o', 'DPkg::Lock::Timeout=300', '-o', 'Dpkg::Use-Pty=0']

/**
 * Installs packages of Debian or Ubuntu, without starting what they install.
 *
 * @throws when this is not such a system, when we are not root, or when apt-get fails
 */
export async function obtainDebian(packages: readonly string[]): Promise<void> {
  if (findCommand('apt-get') === undefined) throw new Error(`no apt-get; install ${packages.join(' ')}`)
  if (process.getuid?.() !== 0) throw new Error(`not root; apt-get install ${packages.join(' ')}`)
  const isOurs = !existsSync(POLICY)
  if (isOurs) writeFileSync(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 })
  try {
    const install = ['install', '--no-install-recommends', ...packages]
    // Lists of packages may be missing, or older than the packages of today.
    await aptGet(install).catch(async () => {
      await aptGet(['update'])
      await aptGet(install)
    })
  } finally {
    if (isOurs) rmSync(POLICY)
  }
}

function aptGet(words: readonly string[]): Promise<void> {
  return runQuietly(['apt-get', ...OPTIONS, ...words], { ...process.env, DEBIAN_FRONTEND: 'noninteractive' })
}
