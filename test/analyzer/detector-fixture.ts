import { readdirSync, readFileSync } from 'node:fs'
import type { Finding } from '../../domain/finding.ts'

/**
 * One situation: `hit-…jsonl` must open an incident, `miss-…jsonl` must not, `….json` says what is found. The first line
 * tells the story, and from when on findings count. The others are lines of the format `meshwatch`, with `arrives` when
 * a line comes later than its time, or a pattern that stands for many of them.
 */
export interface DetectorFixture {
  readonly name: string
  readonly lines: readonly string[]
  /** Findings that start earlier are no part of the situation, epoch ms. */
  readonly judgeFrom: number
  readonly expectedFile: URL
}

interface Story {
  readonly story: string
  readonly judgeFrom?: string
}

/** Calls of each caller to each callee, one by one in equal steps. */
interface Pattern {
  /** e.g. `30s`, `5m`, `1h`. */
  readonly every: string
  readonly from: string
  readonly to: string
  readonly callers: readonly string[]
  readonly callees: readonly string[]
  /** Only in the hours from the first to before the second, UTC. */
  readonly hours?: readonly [number, number]
  /** The count goes up and down by this share. */
  readonly vary?: number
  /** The count grows by this factor a day. */
  readonly growPerDay?: number
  /** Further fields of each call. */
  readonly call?: { readonly count?: number }
}

interface Line {
  readonly arrives: number
  readonly text: string
}

const ROOT = new URL('../fixtures/detectors/', import.meta.url)
const UNIT_MS = { s: 1000, m: 60_000, h: 3_600_000 } as const
const DAY_MS = 86_400_000

export function detectorFixtures(detector: string): DetectorFixture[] {
  const folder = new URL(`${detector}/`, ROOT)
  return readdirSync(folder)
    .filter((file) => file.endsWith('.jsonl'))
    .sort()
    .map((file) => readFixture(new URL(file, folder), file.slice(0, -'.jsonl'.length)))
}

function readFixture(file: URL, name: string): DetectorFixture {
  const [head, ...rows] = readFileSync(file, 'utf8').trimEnd().split('\n')
  const story = JSON.parse(head) as Story
  const lines = rows.flatMap(linesOf).sort((a, b) => a.arrives - b.arrives)
  return {
    name,
    lines: lines.map(({ text }) => text),
    judgeFrom: story.judgeFrom === undefined ? 0 : Date.parse(story.judgeFrom),
    expectedFile: new URL(`${name}.json`, new URL('.', file)),
  }
}

function linesOf(row: string): readonly Line[] {
  const parsed = JSON.parse(row)
  if ('every' in parsed) return expand(parsed as Pattern)
  return [{ arrives: Date.parse(parsed.arrives ?? parsed.time), text: row }]
}

function expand(pattern: Pattern): Line[] {
  const lines: Line[] = []
  const end = Date.parse(pattern.to)
  const stepMs = durationMs(pattern.every)
  for (let time = Date.parse(pattern.from); time < end; time += stepMs) {
    const [first, last] = pattern.hours ?? [0, 24]
    const hour = new Date(time).getUTCHours()
    if (hour < first || hour >= last) continue
    const call = { ...pattern.call, count: countAt(pattern, time, stepMs) }
    for (const caller of pattern.callers)
      for (const callee of pattern.callees)
        lines.push({ arrives: time, text: JSON.stringify({ kind: 'call', time, caller, callee, ...call }) })
  }
  return lines
}

function countAt({ call, from, vary = 0, growPerDay = 1 }: Pattern, time: number, stepMs: number): number {
  const sinceMs = time - Date.parse(from)
  // Steps of the golden angle: values without a period.
  const swing = 1 + vary * Math.sin((sinceMs / stepMs) * 2.399963)
  return Math.round((call?.count ?? 1) * swing * growPerDay ** (sinceMs / DAY_MS))
}

function durationMs(text: string): number {
  const match = /^(\d+)([smh])$/.exec(text)
  if (match === null) throw new Error(`no duration: ${text}`)
  return Number(match[1]) * UNIT_MS[match[2] as keyof typeof UNIT_MS]
}

/** What a fixture holds of findings, by time: those that open an incident, and of those that support one the first. */
export function toldOf(findings: readonly Finding[]): Record<string, unknown> {
  const inOrder = findings.toSorted(
    (a, b) => a.start - b.start || a.end - b.end || (a.text < b.text ? -1 : 1),
  )
  const recorded = inOrder.filter((finding) => !finding.opens)
  return {
    opens: inOrder.filter((finding) => finding.opens).map(findingAsTold),
    recorded: { count: recorded.length, first: recorded.slice(0, 2).map(findingAsTold) },
  }
}

function findingAsTold(finding: Finding): Record<string, unknown> {
  const instant = (time: number) => new Date(time).toISOString()
  const { detector, subject, severity, observed, text } = finding
  return {
    detector,
    subject,
    severity,
    raw: Math.round(finding.raw * 100) / 100,
    observed,
    start: instant(finding.start),
    end: instant(finding.end),
    evidence: finding.evidence.map(({ time }) => instant(time)),
    text,
  }
}
