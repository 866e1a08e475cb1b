/** What the help of a command and its part of the reference say beside arguments and options. */
export interface Manual {
  /** What it is for and what it does, a paragraph each. */
  readonly purpose: readonly string[]
  /** Command lines, and what each does. */
  readonly examples: Words
  readonly exitCodes: Words
  readonly files: Words
  readonly environment: Words
  readonly seeAlso: readonly string[]
}

/** Words, and what each means, in the order in which they are shown. */
export type Words = Readonly<Record<string, string>>

const FAILED = 'the command line, the configuration or a file is wrong; standard error says what to change'
const COLOUR: Words = {
  NO_COLOR: 'set to anything: no colours; pipes and files never get any',
  TERM: '"dumb": no colours',
}
const SECRETS: Words = {
  '<name>': 'a variable that the configuration names as { env: <name> }: it holds a secret',
}
const CONFIG = 'docs/reference/configuration.md'

/** By the words of the command. */
export const MANUAL: Readonly<Record<string, Manual>> = {
  meshwatch: {
    purpose: [
      'Watches service-to-service traffic and machine credentials, and says with reasons when one of them is being misused.',
      'Without a command it plays the demo.',
    ],
    examples: {
      meshwatch: 'play the demo: a shop of 40 services, two weeks of history, then an attack',
      'meshwatch replay access.log ca.jsonl': 'what would have been found in these logs',
      'meshwatch run --config meshwatch.yaml': 'watch files, standard input and HTTP until stopped',
      'source <(meshwatch completion bash)': 'complete commands and options with the tab key',
    },
    exitCodes: { 0: 'it was done', 1: FAILED },
    files: {},
    environment: COLOUR,
    seeAlso: ['meshwatch <command> --help', 'docs/reference/cli.md', 'docs/operations.md'],
  },
  'meshwatch demo': {
    purpose: [
      'Plays a shop of 40 services behind a mesh, in raw log lines: it learns two weeks in fast-forward (half a minute), then an attack plays (another half), then traffic goes on as it happens until Ctrl-C.',
      'API and metrics are on free ports of 127.0.0.1, which it prints. Pages go to a receiver in the same process. Nothing is kept, nothing leaves the machine.',
    ],
    examples: {
      'meshwatch demo': 'watch until Ctrl-C',
      'meshwatch demo --once --seed 7': 'another shop and another attack, then the end',
    },
    exitCodes: {
      0: 'it was stopped, or exactly the planted incidents were raised',
      1: 'an incident is missing, or one too many was raised',
    },
    files: { 'meshwatch-demo-*': 'state, in a folder of the system for temporary files; removed at the end' },
    environment: { ...COLOUR, TMPDIR: 'where that folder is' },
    seeAlso: ['meshwatch replay', 'docs/reference/findings.md'],
  },
  'meshwatch replay': {
    purpose: [
      'Runs log files through the whole pipeline on event time, as fast as they can be read: JSON lines on standard output, a summary on standard error. A replay keeps and sends nothing.',
      'What the first day of the files holds is learned, so give it as much history as there is.',
    ],
    examples: {
      'meshwatch replay access.log ca.jsonl.gz': 'incidents in two logs, merged on event time',
      'meshwatch replay --emit events access.log': 'how each line is understood, refused ones too',
      'meshwatch replay --emit findings --all access.log': 'also what the alert budget kept back',
      'zcat access.log.*.gz | meshwatch replay -': 'from a pipe',
    },
    exitCodes: {
      0: 'the files were read to their ends, or the reader of standard output went away',
      1: FAILED,
    },
    files: { '<file>': 'plain, gzip or zstd, recognised by content; - is standard input' },
    environment: {},
    seeAlso: [CONFIG, 'docs/log-formats.md', 'docs/reference/parsers.md', 'docs/reference/findings.md'],
  },
  'meshwatch run': {
    purpose: [
      'Watches the configured sources until SIGINT or SIGTERM, and goes on where the last run was, also after a crash.',
      'One process does the whole job with an SQLite file. With --role it does one part of it, over Kafka and Redis, in any number of processes.',
      'Its own log is JSON on standard error, one line for each change of state. Intake, API and metrics are on 127.0.0.1, ports 8600, 8601 and 8602, unless the configuration says otherwise.',
    ],
    examples: {
      'meshwatch run --config meshwatch.yaml': 'everything in one process',
      'meshwatch run --role analyzer --config meshwatch.yaml': 'one of several processes that share the work',
    },
    exitCodes: {
      0: 'it was told to stop, and stopped in order',
      1: 'the configuration is wrong, a port is taken, or it could not go on or end within 10 s; standard error says which',
      130: 'a second signal ended it at once; nothing is harmed',
    },
    files: {
      '<dataDir>/meshwatch.db': 'state, incidents, refused records and what is owed to endpoints',
      '<dataDir>/bearer.key': 'key by which bearer secrets are hashed; keep a copy',
    },
    environment: {
      ...SECRETS,
      'OTEL_*': 'tunes how traces are sent, when the configuration switches them on',
    },
    seeAlso: [CONFIG, 'docs/operations.md', 'docs/runbook.md', 'meshwatch topics create', 'meshwatch token'],
  },
  'meshwatch token': {
    purpose: [
      'Makes a token for the API or the intake from 256 random bits, and prints it with its SHA-256. The configuration gets the hash, the client the token; nothing is kept.',
    ],
    examples: { 'meshwatch token': 'two lines: token: mw_…, and sha256: "…" for the configuration' },
    exitCodes: { 0: 'it was done' },
    files: {},
    environment: {},
    seeAlso: [CONFIG, 'docs/operations.md'],
  },
  'meshwatch topics': {
    purpose: ['The Kafka topics that roles in processes of their own share.'],
    examples: { 'meshwatch topics create --config meshwatch.yaml': 'create those that are missing' },
    exitCodes: { 1: 'no command was named' },
    files: {},
    environment: {},
    seeAlso: ['meshwatch topics create --help'],
  },
  'meshwatch topics create': {
    purpose: [
      'Creates the topics that are missing, and says of each other one that it is there, or what is wrong with it. Topics that are there stay as they are; running it again changes nothing.',
    ],
    examples: { 'meshwatch topics create --config meshwatch.yaml': 'before the first role is started' },
    exitCodes: {
      0: 'every topic is as it should be',
      1: 'a topic is not, the brokers cannot be asked, or the configuration is wrong',
    },
    files: {},
    environment: SECRETS,
    seeAlso: [CONFIG, 'docs/operations.md', 'meshwatch run'],
  },
  'meshwatch completion': {
    purpose: ['Prints a script by which a shell completes commands, options and their values.'],
    examples: {
      'source <(meshwatch completion bash)': 'in ~/.bashrc',
      'source <(meshwatch completion zsh)': 'in ~/.zshrc, after compinit',
      'meshwatch completion fish > ~/.config/fish/completions/meshwatch.fish': 'once',
    },
    exitCodes: { 0: 'it was done', 1: 'there is no completion for that shell' },
    files: {},
    environment: {},
    seeAlso: ['meshwatch --help'],
  },
}
