import type { Mistake } from './option.ts'
import { repeated } from './repeated.ts'
import type { Config, SourceConfig } from './schema.ts'

/** Each source has one input, and a name and a file of its own. */
export function checkSources({ sources }: Config): readonly Mistake[] {
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
  return [...sources.flatMap(checkInput), ...sources.flatMap(checkName), ...names, ...files]
}

function checkInput({ file, stdin }: SourceConfig, at: number): readonly Mistake[] {
  if ((file === undefined) !== (stdin === undefined)) return []
  const path = ['sources', at]
  return file === undefined
    ? [{ path, problem: 'the source has no input', fix: 'add "file" with a path, or "stdin: true"' }]
    : [{ path, problem: 'found both "file" and "stdin"', fix: 'make two sources of them' }]
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
