import type { Mistake } from './option.ts'
import { repeated } from './repeated.ts'
import type { Config, SourceConfig } from './schema.ts'

/** Each source has one input, and a name and a file or topic of its own. */
export function checkSources({ sources, kafka }: Config): readonly Mistake[] {
  const names = repeated(sources.map(({ name }) => name)).map(({ at, first }) => ({
    path: ['sources', at],
    problem: `the name "${sources[at].name}" is taken by sources[${first}]`,
    fix: 'give each source a "name" of its own: positions and findings are kept by it',
  }))
  const files = repeated(sources.map(({ file }) => file)).map(({ at, first }) => ({
    path: ['sources', at, 'file'],
    problem: `the file is read by sources[${first}] already`,
    fix: 'remove one of the two, or every call counts twice',
  }))
  const topics = repeated(sources.map((source) => source.kafka?.topic)).map(({ at, first }) => ({
    path: ['sources', at, 'kafka', 'topic'],
    problem: `the topic is read by sources[${first}] already`,
    fix: 'remove one of the two, or every call counts twice',
  }))
  const inputs = sources.flatMap((source, at) => checkInput(source, at, kafka !== undefined))
  return [...inputs, ...sources.flatMap(checkName), ...names, ...files, ...topics]
}

function checkInput(source: SourceConfig, at: number, hasBrokers: boolean): readonly Mistake[] {
  const path = ['sources', at]
  const [input, another] = (['file', 'kafka', 'stdin'] as const).filter((key) => source[key] !== undefined)
  if (input === undefined)
    return [
      {
        path,
        problem: 'the source has no input',
        fix: 'add "file" with a path, "kafka" with a topic, or "stdin: true"',
      },
    ]
  if (another !== undefined)
    return [{ path, problem: `found both "${input}" and "${another}"`, fix: 'make two sources of them' }]
  if (input !== 'kafka' || hasBrokers) return []
  return [
    {
      path: [...path, 'kafka'],
      problem: 'no brokers are configured',
      fix: 'add at the top kafka: { brokers: [kafka-1.example.com:9092] }',
    },
  ]
}

function checkName({ name }: SourceConfig, at: number): readonly Mistake[] {
  if (!/^(http:|facts$|decisions$)/.test(name)) return []
  return [
    {
      path: ['sources', at, 'name'],
      problem: `the name "${name}" is used by Meshwatch itself`,
      fix: 'write a name other than facts and decisions that does not begin with http:',
    },
  ]
}
