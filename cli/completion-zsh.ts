import { type CommandNode, type Option, type Value, valueDue, valueTaken } from './command-tree.ts'

/** Completion for zsh: a function for each command, by `_arguments`. */
export function zshCompletion(nodes: readonly CommandNode[]): string {
  const name = nodes[0].path[0]
  return `#compdef ${name}
# Completion of ${name} for zsh. In ~/.zshrc after compinit: source <(${name} completion zsh)
${nodes.map(commandFunction).join('\n')}
if [[ $funcstack[1] == _${name} ]]; then
  _${name} "$@"
else
  compdef _${name} ${name}
fi
`
}

function commandFunction(node: CommandNode): string {
  const specs = [...node.options.map(optionSpec), ...node.arguments.map((each) => valueSpec(valueDue(each)))]
  if (node.below.length === 0) return `${functionOf(node)}() {\n  ${argumentsCall(specs)}\n}`
  return `${functionOf(node)}() {
  local line state
  local -a commands
  commands=(${node.below.map((each) => quote(`${each.name()}:${each.summary()}`)).join(' ')})
  ${argumentsCall([...specs, quote('1: :->command'), quote('*:: :->rest')], '-C')}
  case $state in
    command) _describe command commands ;;
    rest) (( $+functions[${functionOf(node)}_$line[1]] )) && ${functionOf(node)}_$line[1] ;;
  esac
}`
}

function functionOf({ path }: CommandNode): string {
  return `_${path.join('_')}`
}

function argumentsCall(specs: readonly string[], flag = '-s'): string {
  return ['_arguments', flag, ...specs].join(' ')
}

function optionSpec(option: Option): string {
  const value = valueTaken(option)
  const text = option.description.replace(/[[\]:]/g, '\\$&')
  const after = value === undefined ? '' : `:value:${actionOf(value)}`
  return quote(`${option.long}[${text}]${after}`)
}

function valueSpec(value: Value): string {
  return quote(`*:value:${actionOf(value)}`)
}

function actionOf(value: Value): string {
  if (value === 'file') return '_files'
  return value === 'other' ? ' ' : `(${value.join(' ')})`
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}
