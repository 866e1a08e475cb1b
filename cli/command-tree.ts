import type { program } from './program.ts'

export type Command = ReturnType<typeof program>
export type Option = Command['options'][number]
export type Argument = Command['registeredArguments'][number]

/** One command as a reader, a completion or a page of the reference sees it. */
export interface CommandNode {
  /** `['meshwatch', 'topics', 'create']` */
  readonly path: readonly string[]
  readonly command: Command
  readonly options: readonly Option[]
  readonly arguments: readonly Argument[]
  readonly below: readonly Command[]
}

/** A command and all below it, itself first, without those that are hidden. */
export function commandTree(command: Command, above: readonly string[] = []): readonly CommandNode[] {
  const path = [...above, command.name()]
  const help = command.createHelp()
  const node: CommandNode = {
    path,
    command,
    options: help.visibleOptions(command),
    arguments: command.registeredArguments,
    below: help.visibleCommands(command).filter((each) => each.name() !== 'help'),
  }
  return [node, ...node.below.flatMap((each) => commandTree(each, path))]
}

/** What may stand where a value is due: one of a list, a file, or something that nobody can guess. */
export type Value = readonly string[] | 'file' | 'other'

/** The value that an option takes; undefined for one that takes none. */
export function valueTaken(option: Option): Value | undefined {
  if (!option.required && !option.optional) return undefined
  return option.argChoices ?? (option.flags.includes('<file>') ? 'file' : 'other')
}

/** The values of an argument. */
export function valueDue(argument: Argument): Value {
  return argument.argChoices ?? (argument.name() === 'file' ? 'file' : 'other')
}
