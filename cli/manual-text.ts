import type { Option } from './command-tree.ts'
import type { Manual, Words } from './manual.ts'

/** The sections of a manual, in the order in which they are shown; those without words are left out. */
export function sectionsOf(manual: Manual): readonly (readonly [title: string, words: Words])[] {
  const sections = [
    ['Examples', manual.examples],
    ['Exit codes', manual.exitCodes],
    ['Files', manual.files],
    ['Environment', manual.environment],
  ] as const
  return sections.filter(([, words]) => Object.keys(words).length > 0)
}

/** What stands below arguments and options in the help of a command. */
export function manualText(manual: Manual): string {
  const sections = sectionsOf(manual).map(([title, words]) => `${title}:\n${wordLines(title, words)}\n`)
  return `\n${sections.join('\n')}\nSee also:\n  ${manual.seeAlso.join(', ')}\n`
}

/** Examples are long, so what they do stands below them; other words have it beside them. */
function wordLines(title: string, words: Words): string {
  const width = Math.max(...Object.keys(words).map((word) => word.length))
  return Object.entries(words)
    .map(([word, meaning]) =>
      title === 'Examples' ? `  ${word}\n      ${meaning}` : `  ${word.padEnd(width)}  ${meaning}`,
    )
    .join('\n')
}

/** An option in one sentence, with its values and what holds without it. */
export function optionText(option: Option): string {
  const values = option.argChoices === undefined ? [] : [`one of: ${option.argChoices.join(', ')}`]
  const standard = defaultOf(option)
  const notes = [...values, ...(standard === undefined ? [] : [`default: ${standard}`])]
  return notes.length === 0 ? option.description : `${option.description} (${notes.join('; ')})`
}

/** What holds when the option is not given; undefined for one that must be, and for help and version. */
export function defaultOf(option: Option): string | undefined {
  return (
    option.defaultValueDescription ??
    (option.defaultValue === undefined ? undefined : String(option.defaultValue))
  )
}
