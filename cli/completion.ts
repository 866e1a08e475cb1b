import { type Command, type CommandNode, commandTree } from './command-tree.ts'
import { bashCompletion } from './completion-bash.ts'
import { fishCompletion } from './completion-fish.ts'
import { zshCompletion } from './completion-zsh.ts'

export const SHELLS = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof SHELLS)[number]

const SCRIPTS: Readonly<Record<Shell, (nodes: readonly CommandNode[]) => string>> = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
}

/** What a shell runs to complete our command line. It is all in the script: no key press starts a process. */
export function completionScript(shell: Shell, program: Command): string {
  return SCRIPTS[shell](commandTree(program))
}
