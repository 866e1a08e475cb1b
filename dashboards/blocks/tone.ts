/**
 * Colours with a meaning. Each has a contrast of at least 3 : 1 on the light and on the dark theme, and they stay
 * apart for colour-blind eyes; a test computes both. None is the only sign: value, text or line style says the same.
 */
export const TONES = {
  good: '#0B78C8',
  warn: '#B58900',
  bad: '#CC2F4E',
  fresh: '#95589C',
  quiet: '#858585',
} as const

export type Tone = keyof typeof TONES

/** Colours of lines in the order in which a panel names its series; the next round is dashed, then dotted. */
export const LINE_COLOURS = ['#0B78C8', '#B58900', '#009E73', '#CC79A7'] as const
export const LINE_FILLS = ['solid', 'dash', 'dot'] as const
