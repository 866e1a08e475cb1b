import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { commandTree } from '../cli/command-tree.ts'
import { completionScript, SHELLS } from '../cli/completion.ts'
import { program } from '../cli/program.ts'
import { without } from './servers/availability.ts'

const folder = mkdtempSync(join(tmpdir(), 'meshwatch-completion-'))
before(() => {
  for (const shell of SHELLS) writeFileSync(join(folder, shell), completionScript(shell, program()))
  writeFileSync(join(folder, 'my access.log'), '')
})
after(() => rmSync(folder, { recursive: true }))

/** Lines that a shell prints. */
function linesOf(shell: string, script: string): readonly string[] {
  const out = execFileSync(shell, ['-c', script], { cwd: folder, encoding: 'utf8' })
  return out.split('\n').filter((line) => line !== '')
}

/** What bash offers for the last word; at `=` it splits words of its own. */
function bashOffers(...words: readonly string[]): readonly string[] {
  const line = words.map((word) => `'${word}'`).join(' ')
  return linesOf(
    'bash',
    `source ./bash; COMP_WORDS=(meshwatch ${line}); COMP_CWORD=${words.length}; _meshwatch; printf '%s\\n' "\${COMPREPLY[@]}"`,
  )
}

describe('completion for bash', () => {
  test('bash knows the function', () => {
    assert.deepEqual(linesOf('bash', 'source ./bash; complete -p meshwatch'), [
      'complete -o default -F _meshwatch meshwatch',
    ])
  })

  test('every command offers the commands below it and its options', () => {
    for (const { path, below, options } of commandTree(program())) {
      const offered = [...bashOffers(...path.slice(1), ''), ...bashOffers(...path.slice(1), '-')]
      for (const word of [...below.map((each) => each.name()), ...options.map(({ long }) => long ?? '')])
        assert.ok(offered.includes(word), `${path.join(' ')}: ${word}`)
    }
  })

  test('a word that was begun is completed', () => {
    assert.deepEqual(bashOffers('re'), ['replay'])
    assert.deepEqual(bashOffers('run', '--ro'), ['--role'])
    assert.deepEqual(bashOffers('topics', 'create', '--c'), ['--config'])
  })

  test('a value comes from the list of its option', () => {
    assert.deepEqual(bashOffers('run', '--role', 'a'), ['analyzer', 'alerter'])
    assert.deepEqual(bashOffers('replay', '--emit', '=', 'f'), ['findings'])
    assert.deepEqual(bashOffers('replay', '--emit', '='), ['incidents', 'findings', 'events', 'scores'])
    assert.deepEqual(bashOffers('completion', ''), [...SHELLS, '--help'])
  })

  test('where a file is due nothing is offered, so that bash completes its name', () => {
    assert.deepEqual(bashOffers('run', '--config', ''), [])
    assert.deepEqual(bashOffers('replay', 'my'), [])
    assert.deepEqual(bashOffers('demo', '--seed', ''), [])
  })
})

test('zsh takes its completion', { skip: without('zsh') }, () => {
  linesOf('zsh', 'autoload -U compinit; compinit -u -D; source ./zsh; [[ $_comps[meshwatch] == _meshwatch ]]')
})

describe('completion for fish', { skip: without('fish') }, () => {
  const fishOffers = (line: string): readonly string[] =>
    linesOf('fish', `source ./fish; complete -C '${line}'`).map((each) => each.split('\t')[0])

  test('it offers commands, options and values', () => {
    assert.deepEqual(fishOffers('meshwatch re'), ['replay'])
    assert.deepEqual(fishOffers('meshwatch run --role a').toSorted(), ['alerter', 'analyzer'])
    assert.deepEqual(fishOffers('meshwatch topics '), ['create'])
    assert.ok(fishOffers('meshwatch topics create --').includes('--config'))
    assert.ok(fishOffers('meshwatch replay my').some((each) => each.includes('access.log')))
  })
})

test('every shell has a script that names every command', () => {
  for (const shell of SHELLS)
    for (const { path } of commandTree(program()))
      assert.ok(completionScript(shell, program()).includes(path.at(-1) ?? ''), `${shell}: ${path.join(' ')}`)
})
