type Triple = readonly [number, number, number]

/** How linear RGB is seen. Machado, Oliveira and Fernandes 2009, severity 1.0. */
export const SIGHTS = {
  usual: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
} as const satisfies Record<string, readonly [Triple, Triple, Triple]>

/** Contrast of two colours such as `#0B78C8`, 1 to 21, by WCAG 2.2. */
export function contrast(one: string, other: string): number {
  const [dark, light] = [luminance(linear(one)), luminance(linear(other))].sort((a, b) => a - b)
  return (light + 0.05) / (dark + 0.05)
}

/** Distance of two colours in CIELAB, as eyes of this kind see them. */
export function difference(one: string, other: string, sight: readonly Triple[]): number {
  const [a, b] = [one, other].map((colour) => lab(seen(linear(colour), sight)))
  return Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2])
}

/** sRGB to linear, IEC 61966-2-1. */
function linear(colour: string): Triple {
  const channel = (at: number) => {
    const value = Number.parseInt(colour.slice(at, at + 2), 16) / 255
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
  }
  return [channel(1), channel(3), channel(5)]
}

function luminance([red, green, blue]: Triple): number {
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

function seen(rgb: Triple, sight: readonly Triple[]): Triple {
  const channel = (row: Triple) =>
    Math.min(1, Math.max(0, row[0] * rgb[0] + row[1] * rgb[1] + row[2] * rgb[2]))
  return [channel(sight[0]), channel(sight[1]), channel(sight[2])]
}

/** Linear sRGB to CIELAB, white point D65. */
function lab(rgb: Triple): Triple {
  const [red, green, blue] = rgb
  const f = (t: number) => (t > 0.008856 ? Math.cbrt(t) : 7.787 * t + 16 / 116)
  const x = f((0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.95047)
  const y = f(luminance(rgb))
  const z = f((0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.08883)
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)]
}
