import { program } from './program.ts'

/** Reads the command line, runs the command, and turns what it throws into one clear line and an exit code. */
export async function main(args: readonly string[]): Promise<void> {
  try {
    await program().parseAsync([...args], { from: 'user' })
  } catch (error) {
    console.error(`meshwatch: ${error instanceof Error ? error.message : String(error)}`)
    process.exitCode = 1
  }
}
