import { canonicalIdentity } from '../domain/identity.ts'
import { remember } from './memo.ts'
import type { SourceContext } from './parser.ts'

/** The canonical form of an identity as a source writes it; '' when it is none (see `canonicalIdentity`). */
export function identityOf(text: string, context: SourceContext): string {
  const known = context.memo.identities.get(text)
  if (known !== undefined) return known
  const canonical = canonicalIdentity(text, context.trustDomain)
  return remember(context.memo.identities, text, 'identity' in canonical ? canonical.identity : '')
}
