import { Command, Option } from 'commander'
import { EMITS, type ReplayOptions, replayCommand } from './replay.ts'
import { tokenCommand } from './token.ts'

/** Reads the command line, runs the command, and turns what it throws into one clear line and an exit code. */
export async function main(args: readonly string[]): Promise<void> {
  try {
    await program().parseAsync([...args], { from: 'user' })
  } catch (error) {
    console.error(`meshwatch: ${error instanceof Error ? error.message : String(error)}`)
    process.exitCode = 1
  }
}

function program(): Command {
  const program = new Command('meshwatch').description(
    'watches service-to-service traffic and machine credentials',
  )
  program
    .command('replay')
    .description('log files through the whole pipeline on event time')
    .argument('<file...>', 'plain, gzip or zstd; - is standard input')
    .option('--format <name>', 'format of the files', 'auto')
    .option('--config <file>', 'configuration')
    .addOption(new Option('--emit <what>', 'what to print').choices(EMITS).default('incidents'))
    .option('--all', 'also findings outside the alert budget')
    .action(async (files: string[], options: ReplayOptions) => {
      process.exitCode = await replayCommand(files, options)
    })
  program
    .command('token')
    .description('a new token for the API or the intake, and its hash for the configuration')
    .action(() => tokenCommand())
  return program
}
