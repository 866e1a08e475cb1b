import { type CommandNode, commandTree, type Option } from '../../cli/command-tree.ts'
import { MANUAL, type Manual, type Words } from '../../cli/manual.ts'
import { defaultOf, sectionsOf } from '../../cli/manual-text.ts'
import { program } from '../../cli/program.ts'
import { code, table, withoutTags } from './table.ts'

/** `docs/reference/cli.md`: every command with all that its help says. */
export function cliPage(): string {
  const nodes = commandTree(program())
  return `# Command line

What \`meshwatch <command> --help\` says. Commands of this page run Node 24 or later.

${nodes.map(commandPart).join('\n\n')}
`
}

function commandPart(node: CommandNode): string {
  const name = node.path.join(' ')
  const manual = MANUAL[name]
  const below = node.below.map((each) => [link(`${name} ${each.name()}`), each.summary()])
  return [
    `## ${name}`,
    manual.purpose.map(withoutTags).join('\n\n'),
    `\`\`\`text\n${[name, node.command.usage()].join(' ')}\n\`\`\``,
    ...(below.length > 0 ? [table(['command', 'does'], below)] : []),
    ...argumentsPart(node),
    table(['option', 'meaning', 'values', 'default'], node.options.map(optionRow)),
    ...sectionsOf(manual).map(([title, words]) => sectionPart(title, words)),
    `**See also:** ${seeAlso(manual)}`,
  ].join('\n\n')
}

function argumentsPart(node: CommandNode): readonly string[] {
  if (node.arguments.length === 0) return []
  const rows = node.arguments.map((each) => [
    code(each.name()),
    each.description,
    (each.argChoices ?? []).map(code).join(', '),
  ])
  return [table(['argument', 'meaning', 'values'], rows)]
}

function optionRow(option: Option): readonly string[] {
  const values = (option.argChoices ?? []).map(code).join(', ')
  return [
    code(option.flags),
    option.description,
    values,
    option.mandatory ? 'required' : (defaultOf(option) ?? ''),
  ]
}

function sectionPart(title: string, words: Words): string {
  const rows = Object.entries(words).map(([word, meaning]) => [code(word), meaning])
  return table([title.toLowerCase(), ''], rows)
}

/** Links lead from the folder of this page to other documents, and to commands on it. */
function seeAlso({ seeAlso }: Manual): string {
  return seeAlso
    .map((each) => {
      if (each.startsWith('docs/reference/')) return `[${each}](${each.slice('docs/reference/'.length)})`
      if (each.startsWith('docs/')) return `[${each}](../${each.slice('docs/'.length)})`
      return code(each)
    })
    .join(', ')
}

function link(name: string): string {
  return `[${code(name)}](#${name.replaceAll(' ', '-')})`
}
