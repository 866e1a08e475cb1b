/** A series selector of a PromQL expression, with what surrounds it. */
export interface Selector {
  readonly metric: string
  /** As written: `job=~"$job"`. */
  readonly matchers: readonly string[]
  /** What stands in its square brackets. */
  readonly range?: string
  /** Functions and aggregations around it, the innermost last. */
  readonly calls: readonly string[]
}

const TOKEN =
  /"(?:[^"\\]|\\.)*"|\{(?:[^"}]|"(?:[^"\\]|\\.)*")*\}|\[[^\]]*\]|[A-Za-z_:][\w:]*|\d[\w.]*|[()]|[^\s\w]/g
const LABELS_FOLLOW = ['by', 'without', 'on', 'ignoring', 'group_left', 'group_right']
const WORDS = ['and', 'or', 'unless', 'bool', 'offset']
const AGGREGATIONS = ['sum', 'min', 'max', 'avg', 'count', 'topk', 'bottomk', 'quantile', 'group']

/**
 * Finds the selectors of an expression that is valid, as promtool knows. Only what our rules ask about is understood:
 * names, matchers, ranges and the calls around them.
 */
export function selectorsOf(expr: string): readonly Selector[] {
  const tokens: readonly string[] = expr.match(TOKEN) ?? []
  const found: Selector[] = []
  const open: string[] = []
  let pending = ''
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at]
    if (LABELS_FOLLOW.includes(token)) {
      if (tokens[at + 1] === '(') at = tokens.indexOf(')', at)
    } else if (token === '(') {
      open.push(pending)
      pending = ''
    } else if (token === ')') open.pop()
    else if (isCall(token, tokens[at + 1])) pending = token
    else if (isName(token)) found.push(selectorAt(tokens, at, open))
  }
  return found
}

function isCall(token: string, next: string | undefined): boolean {
  return (
    isName(token) && (next === '(' || (AGGREGATIONS.includes(token) && LABELS_FOLLOW.includes(next ?? '')))
  )
}

function isName(token: string): boolean {
  return /^[A-Za-z_:]/.test(token) && !WORDS.includes(token)
}

function selectorAt(tokens: readonly string[], at: number, open: readonly string[]): Selector {
  const braces = tokens[at + 1]?.startsWith('{') ? tokens[at + 1] : undefined
  const range = tokens[at + (braces === undefined ? 1 : 2)]
  return {
    metric: tokens[at],
    matchers: braces === undefined ? [] : (braces.match(/[\w]+\s*(?:=~|!~|!=|=)\s*"(?:[^"\\]|\\.)*"/g) ?? []),
    ...(range?.startsWith('[') && { range: range.slice(1, -1) }),
    calls: open.filter((call) => call !== ''),
  }
}
