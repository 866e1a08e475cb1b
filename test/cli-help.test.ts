import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { commandTree } from '../cli/command-tree.ts'
import { MANUAL } from '../cli/manual.ts'
import { defaultOf } from '../cli/manual-text.ts'
import { program } from '../cli/program.ts'

const nodes = commandTree(program())
const nameOf = ({ path }: (typeof nodes)[number]): string => path.join(' ')
const page = readFileSync('docs/reference/cli.md', 'utf8')

test('every command has a manual, and every manual a command', () => {
  assert.deepEqual(nodes.map(nameOf).toSorted(), Object.keys(MANUAL).toSorted())
})

for (const node of nodes) {
  test(`the help of ${nameOf(node)} says what there is to say`, () => {
    let help = ''
    node.command.configureOutput({ writeOut: (text) => (help += text) }).outputHelp()
    const { examples, exitCodes, seeAlso } = MANUAL[nameOf(node)]
    for (const words of [examples, exitCodes, seeAlso]) assert.ok(Object.keys(words).length > 0)
    for (const word of [...Object.keys(examples), ...Object.values(exitCodes), ...seeAlso])
      assert.ok(help.includes(word), word)
    for (const option of node.options) assert.ok(help.includes(option.flags), option.flags)
    for (const each of node.below) assert.ok(help.includes(each.summary()) || each.summary().length > 40)
    assert.ok(node.path.length === 1 || node.command.summary() !== '')
  })

  test(`every option of ${nameOf(node)} says what holds without it`, () => {
    for (const option of node.options.filter(({ long }) => long !== '--help' && long !== '--version')) {
      assert.ok(option.description !== '', option.flags)
      assert.ok(option.mandatory || defaultOf(option) !== undefined, `${option.flags}: no default`)
    }
  })

  test(`the reference has all of ${nameOf(node)}`, () => {
    const start = page.indexOf(`## ${nameOf(node)}\n`)
    assert.ok(start >= 0)
    const part = page.slice(start, page.indexOf('\n## ', start + 1) >>> 0)
    for (const { flags, argChoices = [] } of node.options)
      for (const word of [flags, ...argChoices]) assert.ok(part.includes(`\`${word}\``), word)
    for (const argument of node.arguments) assert.ok(part.includes(`\`${argument.name()}\``))
  })
}

/** What a command line that is refused says. */
async function refusal(...words: readonly string[]): Promise<string> {
  let said = ''
  const root = program()
  for (const { command } of commandTree(root))
    command.exitOverride().configureOutput({ writeErr: (text) => (said += text) })
  await assert.rejects(root.parseAsync([...words], { from: 'user' }))
  return said
}

test('a word that is no command is called so, with the command that was probably meant', async () => {
  assert.match(await refusal('rum'), /unknown command 'rum'; did you mean "run"\?/)
  assert.match(await refusal('frobnicate', '--config', 'x'), /unknown command 'frobnicate'\n/)
  assert.match(await refusal('demo', 'rum'), /too many arguments for 'demo'/)
})

test('each line of a list of commands says what the command does', () => {
  for (const { command } of nodes) {
    const list = command.helpInformation().split('Commands:\n')[1] ?? ''
    for (const line of list.split('\n').filter((each) => each !== '')) assert.match(line, /^ {2}.* {2}\S/)
  }
})
