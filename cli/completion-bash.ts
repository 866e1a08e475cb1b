import { type CommandNode, type Value, valueDue, valueTaken } from './command-tree.ts'

/**
 * Completion for bash, from 3.2 on. Where it has nothing to offer, readline completes file names.
 */
export function bashCompletion(nodes: readonly CommandNode[]): string {
  const name = nodes[0].path[0]
  return `# Completion of ${name} for bash. In ~/.bashrc: source <(${name} completion bash)
_${name}() {
  local word="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD - 1]}" at=${name} each words=
  if [[ $word == = ]]; then
    word=
  elif [[ $before == = ]]; then
    before="\${COMP_WORDS[COMP_CWORD - 2]}"
  fi
  for each in "\${COMP_WORDS[@]:1:COMP_CWORD - 1}"; do
    case "$at $each" in
      ${nodes.slice(1).map(keyOf).join(' | ')}) at="$at $each" ;;
    esac
  done
  COMPREPLY=()
  case "$at $before" in
${nodes.flatMap(optionCases).join('\n')}
    *)
      case "$at" in
${nodes.map(commandCase).join('\n')}
      esac
      ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$word"))
}
complete -o default -F _${name} ${name}
`
}

function keyOf({ path }: CommandNode): string {
  return `'${path.join(' ')}'`
}

/** After an option that takes a value comes one. */
function optionCases({ path, options }: CommandNode): readonly string[] {
  return options.flatMap((option) => {
    const value = valueTaken(option)
    if (value === undefined) return []
    return [`    '${path.join(' ')} ${option.long}') ${offer(value)} ;;`]
  })
}

function offer(value: Value): string {
  return typeof value === 'string' ? 'return' : `words='${value.join(' ')}'`
}

/** Commands and options; where files are due, options only after a dash. */
function commandCase(node: CommandNode): string {
  const values = node.arguments.map(valueDue)
  const words = [
    ...node.below.map((each) => each.name()),
    ...values.flatMap((value) => (typeof value === 'string' ? [] : value)),
    ...node.options.map(({ long }) => long),
  ]
  const files = values.includes('file') ? '[[ $word == -* ]] || return 0; ' : ''
  return `        ${keyOf(node)}) ${files}words='${words.join(' ')}' ;;`
}
