/**
 * Text to small numbers and back. A number is the row of the entity it names, so it is handed out by the caller;
 * what was added since the last checkpoint is known. Freed numbers are given to other texts.
 */
export interface Interner {
  readonly ids: Map<string, number>
  readonly texts: (string | undefined)[]
  /** Numbers whose text changed since the last checkpoint. */
  changed: Set<number>
}

/** An interner without texts. */
export function createInterner(): Interner {
  return { ids: new Map(), texts: [], changed: new Set() }
}

/** Number of `text`, or -1. */
export function idOf(interner: Interner, text: string): number {
  return interner.ids.get(text) ?? -1
}

/** Binds `text` to `id`. */
export function bind(interner: Interner, text: string, id: number): void {
  interner.ids.set(text, id)
  interner.texts[id] = text
  interner.changed.add(id)
}

/** Forgets the text of `id`. */
export function unbind(interner: Interner, id: number): void {
  const text = interner.texts[id]
  if (text === undefined) return
  interner.ids.delete(text)
  interner.texts[id] = undefined
  interner.changed.add(id)
}

/** The lowest number without a text. */
export function lowestFree({ texts }: Interner): number {
  let id = 0
  while (id < texts.length && texts[id] !== undefined) id++
  return id
}

/** Text of a number that is bound. */
export function textOf(interner: Interner, id: number): string {
  return interner.texts[id] ?? ''
}

/** Entries of one stored page. */
const PAGE_TEXTS = 256

/** Changed entries as pages of JSON arrays with their page numbers. They count as unchanged from the first on. */
export function* takeChangedTexts(interner: Interner): Generator<readonly [page: number, json: string]> {
  const pages = new Set([...interner.changed].map((id) => Math.floor(id / PAGE_TEXTS)))
  interner.changed = new Set()
  const text = (page: number) =>
    JSON.stringify(
      Array.from({ length: PAGE_TEXTS }, (_, i) => interner.texts[page * PAGE_TEXTS + i] ?? null),
    )
  for (const page of pages) yield [page, text(page)]
}

/** Puts a stored page back. */
export function loadTexts(interner: Interner, page: number, json: string): void {
  for (const [i, text] of (JSON.parse(json) as (string | null)[]).entries()) {
    if (text === null) continue
    interner.ids.set(text, page * PAGE_TEXTS + i)
    interner.texts[page * PAGE_TEXTS + i] = text
  }
}
