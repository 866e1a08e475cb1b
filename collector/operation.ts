import { type Memo, remember } from './memo.ts'
import { bounded } from './value.ts'

/**
 * What a request did, with few enough spellings to count: method and path template. Segments that name one thing
 * among many (numbers, UUIDs, hex and opaque tokens) become `{}`; the query is dropped.
 */

const MAX_SEGMENTS = 8
const MAX_OPERATION_LENGTH = 120
const MAX_METHOD_LENGTH = 20
/** Digits from which a segment is taken for a number of something (`order-12345`), not a version (`v2`, `oauth2`). */
const ID_DIGITS = 4
const OPAQUE_LENGTH = 32

/** `GET /orders/{}` of `GET` and `/orders/17?full=1`. */
export function operationOf(method: string, path: string | undefined, { operations }: Memo): string {
  const verb = method.length > MAX_METHOD_LENGTH ? bounded(method, MAX_METHOD_LENGTH) : method
  if (path === undefined) return bounded(verb)
  const template = pathTemplate(path)
  const known = operations.get(template)
  if (known !== undefined && known.method === verb) return known.text
  const text = bounded(`${verb} ${template}`, MAX_OPERATION_LENGTH)
  // The template itself may be a slice, which would keep all of a long path in memory.
  remember(operations, text.slice(verb.length + 1), { method: verb, text })
  return text
}

/** The path without query and fragment, with `{}` for variable segments and `*` for all beyond the eighth. */
export function pathTemplate(path: string): string {
  const end = pathEnd(path)
  let template = ''
  let kept = 0
  let segments = 0
  for (let from = 0; from < end; ) {
    const slash = path.indexOf('/', from)
    const to = slash < 0 || slash > end ? end : slash
    if (to > from && ++segments > MAX_SEGMENTS) return `${template}${path.slice(kept, from)}*`
    if (isVariable(path, from, to)) {
      template += `${path.slice(kept, from)}{}`
      kept = to
    }
    from = to + 1
  }
  return kept === 0 && end === path.length ? path : template + path.slice(kept, end)
}

function pathEnd(path: string): number {
  for (let at = 0; at < path.length; at++) {
    const code = path.charCodeAt(at)
    if (code === 63 || code === 35) return at
  }
  return path.length
}

/** A number; hex of 8 digits and more, with or without dashes; 4 digits and more; or over 32 characters. */
function isVariable(path: string, from: number, to: number): boolean {
  const length = to - from
  if (length === 0) return false
  if (length > OPAQUE_LENGTH) return true
  let digits = 0
  let hex = 0
  let dashes = 0
  for (let at = from; at < to; at++) {
    const code = path.charCodeAt(at)
    if (code >= 48 && code <= 57) digits++
    else if ((code >= 97 && code <= 102) || (code >= 65 && code <= 70)) hex++
    else if (code === 45) dashes++
  }
  if (digits === length || digits >= ID_DIGITS) return true
  return digits + hex >= 8 && digits + hex + dashes === length
}
