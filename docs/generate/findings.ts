import { readFileSync } from 'node:fs'
import { CERTAIN_SCORE, type Evidence, type Finding, SEVERITIES } from '../../domain/finding.ts'
import type { Incident } from '../../domain/incident.ts'
import { code, table } from './table.ts'

/** A field without a meaning here does not compile. */
const FINDING: Readonly<Record<keyof Finding, string>> = {
  id: 'hash of detector, subject and window (or connection): the same log gives the same id',
  detector: 'which detector speaks',
  subject: 'what it is about: `{identity}`, `{caller, callee}` or `{credential}`',
  caller: 'the caller as it was presented; incidents of statistical detectors are grouped by it',
  callee: 'who was called, where one is involved',
  start: 'first event time of what was judged, epoch ms',
  end: 'last event time of what was judged, epoch ms',
  foundAt: 'event time at which it was said, epoch ms: later than `end` when rows or a report came late',
  score: `−log10 of \`expectedPerDay\`: 0 is one false alarm a day, 3 one in a thousand days; a certain rule has ${CERTAIN_SCORE}`,
  raw: "the detector's own scale: bits of surprise, signed deviance, uses",
  expectedPerDay: 'false alarms a day that are expected at this rarity, over all partitions',
  observed: 'what was seen: calls in the window, uses of the credential',
  expected: 'what was expected in its place',
  threshold: 'the `raw` from which this detector records a finding now',
  samples: 'how many samples the baseline rests on: windows, hours of activity',
  severity: `one of ${SEVERITIES.map(code).join(', ')}; \`info\` is context and never notifies`,
  opens: 'whether it opens an incident alone; otherwise it only supports one',
  withinBudget:
    'whether it is inside the alert budget; others are shown by `replay --emit findings --all` only',
  evidence: 'rows that made the detector speak, each with its place; see below',
  text: 'the verdict in plain words',
  respond: 'what to do next',
}

const EVIDENCE: Readonly<Record<keyof Evidence, string>> = {
  source: 'name of the source: a path as configured, `stdin`, `http:<token name>`',
  generation: 'rises when a file starts again: its inode, a hash of its first bytes, and a counter',
  offset: 'byte in the file or journal at which the record begins',
  line: 'line number from 1; 0 when the source has no lines',
  index: 'number of the event within its record, from 0',
  time: 'event time of the row, epoch ms',
}

const INCIDENT: Readonly<Record<keyof Incident, string>> = {
  id: 'hash of the group and of the first finding',
  version: 'rises when something changed that a person would want to know; the ETag of the API',
  revision: 'rises with every write',
  state: '`open`, `acknowledged`, `resolved`',
  severity: 'the highest of its findings',
  group: 'what findings are grouped by: `identity:<caller>` or `credential:<kind>:<id>`',
  title: 'the text of the most severe finding, at most 200 characters',
  detectors: 'detectors that spoke',
  callers: 'callers in its findings, at most 50',
  callees: 'callees in its findings, at most 50',
  openedAt: 'event time of the first finding, epoch ms',
  lastFindingAt: 'event time of the last finding, epoch ms',
  resolvesAt: 'event time at which it resolves by itself when nothing more is found, epoch ms',
  findingCount: 'findings in it, also those that are not kept',
  findings: 'the first five and the latest fifteen',
  related: 'incidents within 24 hours that share a caller, or go on where this one arrived, at most 20',
  transitions: 'changes of state: when, by whom, why',
  comments: 'what people said, the latest 200',
}

const EXAMPLE = 'test/fixtures/channels/webhook/a-revoked-certificate-is-used.request'

/** `docs/reference/findings.md`: every field of findings, evidence and incidents, and a notification. */
export function findingsPage(): string {
  const [, body] = readFileSync(EXAMPLE, 'utf8').split('\n\n')
  return `# Findings and incidents

How to read them is in the [operations guide](../operations.md#reading-a-finding); the API adds to an incident an
\`explanation\` (the verdicts and next steps, each once) and its \`deliveries\`. The exact schema is in
[openapi.json](openapi.json).

## A finding

${fields(FINDING)}

### Its evidence

${fields(EVIDENCE)}

## An incident

${fields(INCIDENT)}

## A notification

A webhook is a POST in the form of [Standard Webhooks](https://www.standardwebhooks.com/), shorter than 20 kB, with the
headers \`webhook-id\`, \`webhook-timestamp\` and \`webhook-signature\`. \`webhook-id\` is the same in every attempt for one
version of an incident at one endpoint.

\`\`\`json
${body.trim()}
\`\`\`
`
}

function fields(meanings: Readonly<Record<string, string>>): string {
  return table(
    ['field', 'meaning'],
    Object.entries(meanings).map(([field, meaning]) => [code(field), meaning]),
  )
}
