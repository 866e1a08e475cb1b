import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, visit } from 'yaml'
import type { OptionPath } from './option.ts'

/** A place in a text, both from 1. */
export interface Place {
  readonly line: number
  readonly column: number
}

/** A text as plain values, with the place of each. */
export interface Yaml {
  readonly value: unknown
  /** Where the key, or the list item, at `path` stands; the nearest one above it when it is absent. */
  placeOf(path: OptionPath): Place
}

export interface YamlProblem extends Place {
  readonly problem: string
  readonly fix: string
}

/** Copies of shared parts (`*name`) that a text may ask for in all. */
const MAX_ALIASES = 100

/** The parser's own messages quote the text, which may be a secret: these stand in for them. */
const SYNTAX: Readonly<Record<string, { readonly problem: string; readonly fix: string }>> = {
  BAD_INDENT: {
    problem: 'the line is indented differently from its neighbours',
    fix: 'indent keys of one block by the same number of spaces',
  },
  BLOCK_AS_IMPLICIT_KEY: {
    problem: 'a second key or list begins on the same line',
    fix: 'begin a new line, or put quotes around a text that holds ": "',
  },
  DUPLICATE_KEY: { problem: 'the key stands here a second time', fix: 'keep one of the two' },
  MISSING_CHAR: {
    problem: 'a colon, comma, quote or bracket is missing',
    fix: 'write "key: value"; close every quote and bracket',
  },
  MULTILINE_IMPLICIT_KEY: {
    problem: 'a key reaches over several lines',
    fix: 'write "key: value" on one line, with a space after the colon, and close every quote',
  },
  MULTIPLE_DOCS: { problem: 'a second document begins here', fix: 'remove the line ---' },
  TAB_AS_INDENT: { problem: 'the line is indented with a tab', fix: 'indent with spaces' },
  TAG_RESOLVE_FAILED: { problem: 'a tag (!name) stands here', fix: 'remove the word that begins with !' },
  RESOURCE_EXHAUSTION: { problem: 'lists and keys are nested too deep', fix: 'remove the nesting' },
}

const UNREADABLE = { problem: 'this is not YAML', fix: 'write "key: value"; close every quote and bracket' }

/** Reads one YAML 1.2 document. Duplicate keys, tags and more than 100 aliases are refused. */
export function readYaml(text: string): Yaml | { readonly problems: readonly YamlProblem[] } {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'error' })
  const place = (offset: number): Place => {
    const { line, col } = lines.linePos(offset)
    return { line, column: col }
  }
  const problems = [...document.errors, ...document.warnings].map((error) => ({
    ...place(error.pos[0]),
    ...(SYNTAX[error.code] ?? UNREADABLE),
  }))
  if (problems.length > 0) return { problems }
  try {
    const value: unknown = document.toJS({ maxAliasCount: MAX_ALIASES })
    return { value, placeOf: (path) => place(offsetOf(document, path)) }
  } catch (error) {
    // What toJS refuses in a sound document: a name that was never set, and shared parts that multiply.
    if (!(error instanceof ReferenceError)) throw error
    const { offset, problem } = brokenAlias(document)
    return { problems: [{ ...place(offset), problem, fix: 'write the value itself instead of *name' }] }
  }
}

function offsetOf(document: Document, path: OptionPath): number {
  let node: unknown = document.contents
  let offset = document.contents?.range?.[0] ?? 0
  for (const step of path) {
    if (isAlias(node)) node = node.resolve(document)
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(step))
      if (!pair || !isScalar(pair.key)) return offset
      offset = pair.key.range?.[0] ?? offset
      node = pair.value
    } else if (isSeq(node)) {
      const item = node.items[Number(step)]
      offset = (item as { range?: readonly number[] } | undefined)?.range?.[0] ?? offset
      node = item
    } else return offset
  }
  return offset
}

function brokenAlias(document: Document): { readonly offset: number; readonly problem: string } {
  let first: number | undefined
  let unset: number | undefined
  visit(document, {
    Alias(_, node) {
      first ??= node.range?.[0]
      if (node.resolve(document) === undefined) unset ??= node.range?.[0]
    },
  })
  return unset === undefined
    ? { offset: first ?? 0, problem: 'shared parts are copied too many times' }
    : { offset: unset, problem: 'the name after * was never set with &' }
}
