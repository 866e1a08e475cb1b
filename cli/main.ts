import { Command, InvalidArgumentError, Option } from 'commander'
import { PARSERS } from '../collector/registry.ts'
import { type DemoOptions, demoCommand } from './demo.ts'
import { EMITS, type ReplayOptions, replayCommand } from './replay.ts'
import { ROLES, type RoleName } from './roles/role.ts'
import { runCommand } from './run.ts'
import { tokenCommand } from './token.ts'
import { createTopicsCommand } from './topics.ts'
import { VERSION } from './version.ts'

/** Reads the command line, runs the command, and turns what it throws into one clear line and an exit code. */
export async function main(args: readonly string[]): Promise<void> {
  try {
    await program().parseAsync([...args], { from: 'user' })
  } catch (error) {
    console.error(`meshwatch: ${error instanceof Error ? error.message : String(error)}`)
    process.exitCode = 1
  }
}

const DESCRIPTION = `Watches service-to-service traffic and machine credentials, and says with reasons when one of them is being misused.

Without a command it plays the demo.`

const EXAMPLES = `
Examples:
  meshwatch                                        play the demo: a shop of 40 services, two weeks of history, then an attack
  meshwatch replay access.log ca.jsonl             what would have been found in these logs
  meshwatch replay --emit events access.log | head how each line is understood
  meshwatch run --config meshwatch.yaml            watch files, standard input and HTTP until stopped
  meshwatch run --role analyzer --config mw.yaml   one of several processes that share the work over Kafka and Redis
`

/** The command line: its commands, options and help. */
export function program(): Command {
  const program = new Command('meshwatch')
    .description(DESCRIPTION)
    .version(VERSION)
    .addHelpText('after', EXAMPLES)
  program.showHelpAfterError('(see meshwatch --help)')
  addDemo(program)
  addReplay(program)
  program
    .command('run')
    .description('watch the configured sources until SIGINT or SIGTERM, and go on where the last run was')
    .option(
      '--config <file>',
      'configuration, see docs/reference/configuration.md; without it only the HTTP intake is open',
    )
    .addOption(
      new Option(
        '--role <name>',
        'do one part of the work, in a process of its own, over Kafka and Redis; any number of each may run',
      ).choices(ROLES),
    )
    .action((options: { config?: string; role?: RoleName }) => runCommand(options))
  program
    .command('token')
    .description('make a token for the API or the intake, and print its hash for the configuration')
    .action(() => tokenCommand())
  program
    .command('topics')
    .description('the Kafka topics that roles in processes of their own share')
    .command('create')
    .description('create the topics that are missing; topics that are there stay as they are')
    .requiredOption('--config <file>', 'configuration, see docs/reference/configuration.md')
    .action(async (options: { config: string }) => {
      process.exitCode = await createTopicsCommand(options)
    })
  return program
}

function addDemo(program: Command): void {
  program
    .command('demo', { isDefault: true })
    .description('play a shop of 40 services: learn two weeks, then watch an attack as it happens')
    .option('--once', 'end after the attack; exit code 0 only if exactly the planted incidents were raised')
    .option('--seed <number>', 'another shop, another attack', wholeNumber, 1)
    .action(async (options: DemoOptions) => {
      process.exitCode = await demoCommand(options)
    })
}

function addReplay(program: Command): void {
  const formats = ['auto', ...PARSERS.map(({ name }) => name)]
  program
    .command('replay')
    .description(
      'run log files through the whole pipeline on event time: JSON lines on standard output, a summary on standard error',
    )
    .argument('<file...>', 'plain, gzip or zstd; - is standard input; several files are merged on event time')
    .addOption(new Option('--format <name>', 'log format of the files').choices(formats).default('auto'))
    .option('--config <file>', 'configuration, for detector options and budgets')
    .addOption(
      new Option(
        '--emit <what>',
        'incidents; findings; events: each record as it was understood, refused ones too; scores: each call with its highest score',
      )
        .choices(EMITS)
        .default('incidents'),
    )
    .option('--all', 'with findings: also those outside the alert budget')
    .action(async (files: string[], options: ReplayOptions) => {
      process.exitCode = await replayCommand(files, options)
    })
}

function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('not a whole number')
  return Number(text)
}
