import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LINE_COLOURS, TONES } from '../../dashboards/blocks/tone.ts'
import { contrast, difference, SIGHTS } from './colour-sight.ts'
import { readDashboards } from './read-dashboards.ts'

/** Panel backgrounds of Grafana's two themes. */
const BACKGROUNDS = ['#ffffff', '#181b1f']
/** WCAG 2.2, 1.4.11: graphics. */
const LEAST_CONTRAST = 3
/** In CIELAB; 2.3 is just noticeable side by side. */
const LEAST_DIFFERENCE = 15

const PALETTES: Readonly<Record<string, readonly string[]>> = {
  tones: Object.values(TONES),
  lines: LINE_COLOURS,
}
const ALL = Object.values(PALETTES).flat()

test('the sight of colours is computed as in known cases', () => {
  assert.equal(contrast('#000000', '#ffffff'), 21)
  assert.ok(
    difference('#ff0000', '#00ff00', SIGHTS.deuteranopia) < difference('#ff0000', '#00ff00', SIGHTS.usual),
  )
})

test('every colour is readable on both themes', () => {
  for (const colour of ALL)
    for (const background of BACKGROUNDS)
      assert.ok(contrast(colour, background) >= LEAST_CONTRAST, `${colour} on ${background}`)
})

for (const [kind, colours] of Object.entries(PALETTES)) {
  test(`${kind} stay apart for colour-blind eyes`, () => {
    for (const [at, one] of colours.entries())
      for (const other of colours.slice(at + 1))
        for (const [name, sight] of Object.entries(SIGHTS))
          assert.ok(difference(one, other, sight) >= LEAST_DIFFERENCE, `${one}, ${other}: ${name}`)
  })
}

test('dashboards have no other colours', () => {
  for (const { name, text } of readDashboards())
    for (const [colour] of text.matchAll(/#[0-9a-fA-F]{6}\b/g))
      assert.ok(ALL.includes(colour), `${name}: ${colour}`)
})
