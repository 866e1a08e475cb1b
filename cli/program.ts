import { Argument, Command, InvalidArgumentError, Option } from 'commander'
import { PARSERS } from '../collector/registry.ts'
import { nearestWord } from '../domain/config/nearest.ts'
import { commandTree } from './command-tree.ts'
import { completionScript, SHELLS, type Shell } from './completion.ts'
import { type DemoOptions, demoCommand } from './demo.ts'
import { MANUAL } from './manual.ts'
import { manualText, optionText } from './manual-text.ts'
import { EMITS, type ReplayOptions, replayCommand } from './replay.ts'
import { ROLES, type RoleName } from './roles/role.ts'
import { runCommand } from './run.ts'
import { tokenCommand } from './token.ts'
import { createTopicsCommand } from './topics.ts'
import { VERSION } from './version.ts'

/** The command line: its commands, options and help. */
export function program(): Command {
  const program = new Command('meshwatch').version(VERSION, '-V, --version', 'print the version')
  program.configureHelp({
    optionDescription: optionText,
    subcommandDescription: (each) => each.summary() || each.description(),
  })
  program.helpOption('-h, --help', 'print this help')
  program.helpCommand('help [command]', 'print the help of a command')
  program.showHelpAfterError('(see meshwatch --help)')
  program.hook('preSubcommand', refuseUnknownCommand)
  addDemo(program)
  addReplay(program)
  addRun(program)
  program
    .command('token')
    .summary('make a token for the API or the intake, and print its hash for the configuration')
    .action(() => tokenCommand())
  addTopics(program)
  addCompletion(program)
  for (const { path, command } of commandTree(program)) {
    const manual = MANUAL[path.join(' ')]
    command.description(manual.purpose.join('\n\n')).addHelpText('after', manualText(manual))
  }
  return program
}

/** A first word that is no command would be an argument too many of the demo, which is what no command means. */
function refuseUnknownCommand(root: Command): void {
  const [word] = root.args
  const known = [...root.commands.map((each) => each.name()), 'help']
  if (word === undefined || word.startsWith('-') || known.includes(word)) return
  const meant = nearestWord(word, known)
  root.error(`error: unknown command '${word}'${meant === undefined ? '' : `; did you mean "${meant}"?`}`)
}

function addDemo(program: Command): void {
  program
    .command('demo', { isDefault: true })
    .summary('play a shop of 40 services: learn two weeks, then watch an attack as it happens')
    .addOption(new Option('--once', 'end after the attack').default(false, 'go on until Ctrl-C'))
    .option('--seed <number>', 'number of the shop and its attack, 0 to 999999999', wholeNumber, 1)
    .action(async (options: DemoOptions) => {
      process.exitCode = await demoCommand(options)
    })
}

function addReplay(program: Command): void {
  const formats = ['auto', ...PARSERS.map(({ name }) => name)]
  program
    .command('replay')
    .summary('run log files through the whole pipeline on event time')
    .argument('<file...>', 'log files; several are merged on event time; - is standard input')
    .addOption(
      new Option('--format <name>', 'log format of the files; auto decides by content')
        .choices(formats)
        .default('auto'),
    )
    .addOption(configOption('options of detectors and budgets'))
    .addOption(
      new Option(
        '--emit <what>',
        'what to print: incidents; findings; each record as it was understood; each call with its highest score',
      )
        .choices(EMITS)
        .default('incidents'),
    )
    .addOption(
      new Option('--all', 'with findings: also those outside the alert budget').default(
        false,
        'only those inside it',
      ),
    )
    .action(async (files: string[], options: ReplayOptions) => {
      process.exitCode = await replayCommand(files, options)
    })
}

function addRun(program: Command): void {
  program
    .command('run')
    .summary('watch the configured sources until stopped, and go on where the last run was')
    .addOption(configOption('sources, endpoints, ports, and all else'))
    .addOption(
      new Option('--role <name>', 'the part of the work that this process does, over Kafka and Redis')
        .choices(ROLES)
        .default(undefined, 'all of it, without Kafka and Redis'),
    )
    .action((options: { config?: string; role?: RoleName }) => runCommand(options))
}

function addTopics(program: Command): void {
  program
    .command('topics')
    .summary('the Kafka topics that roles in processes of their own share')
    .command('create')
    .summary('create the topics that are missing; topics that are there stay as they are')
    .requiredOption('--config <file>', 'configuration in YAML: brokers, names and counts; required')
    .action(async (options: { config: string }) => {
      process.exitCode = await createTopicsCommand(options)
    })
}

function addCompletion(program: Command): void {
  program
    .command('completion')
    .summary('print a script by which a shell completes this command line')
    .addArgument(new Argument('<shell>', 'the shell').choices(SHELLS))
    .action((shell: Shell) => console.log(completionScript(shell, program)))
}

function configOption(holds: string): Option {
  return new Option('--config <file>', `configuration in YAML: ${holds}`).default(
    undefined,
    'the defaults of docs/reference/configuration.md',
  )
}

function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('not a whole number')
  return Number(text)
}
