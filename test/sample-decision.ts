/** A decision of a person, as it comes back through a log. */
export const DECISION = {
  decision: 'expected',
  caller: 'shop/cart',
  author: 'ada',
  reason: 'a new release',
  time: 1_770_000_000_000,
  expiresAt: 1_770_000_600_000,
}
