import { removeFolder } from './leave-nothing.ts'
import type { ServerProcess } from './process.ts'

/** Starts all at once. */
export async function startAll(processes: readonly ServerProcess[]): Promise<void> {
  await Promise.all(processes.map((it) => it.start()))
}

/**
 * `begin` starts these processes, which write into one folder, and waits for what it takes until they serve.
 *
 * @returns ends all (with SIGKILL: what they hold is thrown away) and removes the folder
 * @throws what `begin` threw, with nothing left behind
 */
export async function startOrStop(
  processes: readonly ServerProcess[],
  folder: string,
  begin: () => Promise<void>,
): Promise<() => Promise<void>> {
  const stop = async (): Promise<void> => {
    await Promise.all(processes.map((it) => it.kill()))
    removeFolder(folder)
  }
  try {
    await begin()
  } catch (error) {
    await stop()
    throw error
  }
  return stop
}
