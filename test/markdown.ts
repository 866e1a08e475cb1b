import { existsSync, readFileSync } from 'node:fs'

/** Reads what documents promise, so that tests can hold them to it. */

interface Block {
  readonly document: string
  readonly text: string
}

/** Code blocks of one language in a document. */
export function blocksOf(document: string, language: string): readonly Block[] {
  if (!existsSync(document)) return []
  const blocks = readFileSync(document, 'utf8').matchAll(/^ *```(\w+)\n([\s\S]*?)^ *```/gm)
  return [...blocks].filter(([, name]) => name === language).map(([, , text]) => ({ document, text }))
}

/** A command line as it is typed after a prompt. */
export interface ShownCommand {
  readonly document: string
  readonly words: readonly string[]
}

/**
 * Commands behind `$ ` in blocks of language `console`, up to a pipe or a redirection. What begins with
 * `npx meshwatch` or `npm start --` counts as `meshwatch`.
 */
export function commandsOf(document: string): readonly ShownCommand[] {
  return blocksOf(document, 'console').flatMap(({ text }) =>
    [...text.replaceAll('\\\n', ' ').matchAll(/^ *\$ (.*)$/gm)].flatMap(([, line]) =>
      line.split(/ && | \| /).map((part) => ({ document, words: wordsOf(part) })),
    ),
  )
}

function wordsOf(line: string): readonly string[] {
  const typed = line.replace(/ [0-9]?[<>].*$/, '').replace(/ +#.*$/, '')
  const words = typed.trim().split(/ +/)
  if (words[0] === 'npx' && words[1] === 'meshwatch') return words.slice(1)
  if (words[0] === 'npm' && words[1] === 'start') return ['meshwatch', ...words.slice(3)]
  return words
}

/** Targets of links and pictures, but for those to other sites. */
export function linksOf(markdown: string): readonly string[] {
  const prose = markdown.replace(/^ *```[\s\S]*?^ *```/gm, '')
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target]) => target)
    .filter((target) => !/^[a-z]+:/.test(target))
}

/** Anchors that headings get: lower case, words joined by dashes, other signs dropped. */
export function anchorsOf(markdown: string): readonly string[] {
  return [...markdown.matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replaceAll(' ', '-'),
  )
}
