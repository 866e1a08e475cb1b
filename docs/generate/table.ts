/** Markdown that several pages are made of. */

/** A table; every cell is made safe for it. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`
  return [line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n')
}

/** A text inside a table: no line break, no bar, no tag. */
export function cell(text: string): string {
  return withoutTags(text).replaceAll('|', '\\|').replaceAll('\n', ' ')
}

/** A tag in running text would vanish; in code it is shown as it is. */
export function withoutTags(text: string): string {
  return text.replace(/`[^`]*`|</g, (part) => (part === '<' ? '&lt;' : part))
}

/** `code`. */
export function code(text: string): string {
  return `\`${text}\``
}

/** A text that began in lower case as a sentence. */
export function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`
}
