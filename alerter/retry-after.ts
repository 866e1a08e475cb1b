/** A receiver may hold us off for this long at most: longer would be an attack, or a mistake. */
export const MAX_RETRY_AFTER_MS = 3_600_000

/** IMF-fixdate of RFC 9110, section 5.6.7: the only date form that a sender may write today. */
const HTTP_DATE =
  /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d{2}:\d{2}:\d{2} GMT$/

/**
 * Milliseconds that a `Retry-After` header asks to wait: whole seconds or an HTTP date (RFC 9110, section 10.2.3).
 * @param now wall clock, epoch ms
 * @returns 0 to one hour; undefined when the header is absent or neither
 */
export function retryAfterMs(header: string | undefined, now: number): number | undefined {
  const text = header?.trim() ?? ''
  if (/^\d{1,12}$/.test(text)) return Math.min(Number(text) * 1000, MAX_RETRY_AFTER_MS)
  const time = HTTP_DATE.test(text) ? Date.parse(text) : Number.NaN
  // A receiver may write a date that there is not.
  return Number.isNaN(time) ? undefined : Math.min(Math.max(time - now, 0), MAX_RETRY_AFTER_MS)
}
