import { type CommandNode, type Option, valueDue, valueTaken } from './command-tree.ts'

/** Completion for fish: one rule for each word that can be offered, with the condition under which it is. */
export function fishCompletion(nodes: readonly CommandNode[]): string {
  const name = nodes[0].path[0]
  return `# Completion of ${name} for fish. Once: ${name} completion fish > ~/.config/fish/completions/${name}.fish
${[`complete -c ${name} -f`, ...nodes.flatMap(rulesOf)].join('\n')}
`
}

function rulesOf(node: CommandNode): readonly string[] {
  const rule = `complete -c ${node.path[0]} -n ${quote(conditionOf(node))}`
  return [
    ...node.below.map((each) => `${rule} -a ${each.name()} -d ${quote(each.summary())}`),
    ...node.options.map((option) => `${rule} ${optionWords(option)} -d ${quote(option.description)}`),
    ...node.arguments.map(valueDue).flatMap((value) => {
      if (value === 'other') return []
      return [value === 'file' ? `${rule} -F` : `${rule} -a ${quote(value.join(' '))}`]
    }),
  ]
}

/** The command was typed, and none below it yet. */
function conditionOf({ path, below }: CommandNode): string {
  const typed = path.slice(1).map((word) => `__fish_seen_subcommand_from ${word}`)
  const next = below.map((each) => each.name()).join(' ')
  const notYet = next === '' ? [] : [`not __fish_seen_subcommand_from ${next}`]
  return [...typed, ...notYet].join('; and ')
}

function optionWords(option: Option): string {
  const value = valueTaken(option)
  const names = [option.short && `-s ${option.short.slice(1)}`, `-l ${option.long?.slice(2)}`]
  const values =
    value === undefined
      ? ''
      : value === 'file'
        ? '-rF'
        : value === 'other'
          ? '-x'
          : `-xa ${quote(value.join(' '))}`
  return [...names, values].filter(Boolean).join(' ')
}

function quote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}
