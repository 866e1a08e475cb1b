import { LINE_COLOURS } from '../blocks/tone.ts'
import type { FieldConfig, Mapped, PreviewPanel, Thresholds } from './model.ts'

const NO_CONFIG: FieldConfig = { defaults: {}, overrides: [] }

/** Colour of a value by the thresholds of its panel, or of its series where that has its own. */
export function toneOf({ fieldConfig = NO_CONFIG }: PreviewPanel, name: string, value: number): string {
  const own = propertyOf(fieldConfig, name, 'thresholds') as Thresholds | undefined
  const steps = (own ?? fieldConfig.defaults.thresholds)?.steps ?? []
  return steps.filter(({ value: from }) => from === null || value >= from).at(-1)?.color ?? LINE_COLOURS[0]
}

/** Colour and dashes of the line of a series. @param at which one of the panel it is */
export function lineOf({ fieldConfig = NO_CONFIG }: PreviewPanel, name: string, at: number) {
  const colour = propertyOf(fieldConfig, name, 'color') as { fixedColor?: string } | undefined
  const style = propertyOf(fieldConfig, name, 'custom.lineStyle') as { fill?: string } | undefined
  const dashes = { dash: '6 5', dot: '2 4' }[style?.fill ?? '']
  return { colour: colour?.fixedColor ?? LINE_COLOURS[at % LINE_COLOURS.length], dashes }
}

/** What a value of a state says. */
export function stateOf({ fieldConfig = NO_CONFIG }: PreviewPanel, value: number): Mapped {
  const states = fieldConfig.defaults.mappings?.find(({ type }) => type === 'value')?.options
  return states?.[String(value)] ?? { text: String(value) }
}

function propertyOf({ overrides }: FieldConfig, name: string, id: string): unknown {
  const matching = overrides.filter(({ matcher }) => matcher.options === name)
  return matching.flatMap(({ properties }) => properties).find((property) => property.id === id)?.value
}
