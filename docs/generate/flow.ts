/**
 * `docs/pictures/flow.svg`: the flow through one process, drawn from this list. Boxes are stages, arrows are records;
 * the dashed way back is what re-enters through the collector.
 */
interface Stage {
  readonly title: string
  readonly lines: readonly string[]
  /** Record that goes on from here. */
  readonly gives?: string
}

const STAGES: readonly Stage[] = [
  {
    title: 'sources',
    lines: ['access logs of a mesh,', 'logs of a CA,', 'revocation lists: from', 'files, stdin or HTTP'],
    gives: 'raw record',
  },
  {
    title: 'collector',
    lines: ['parses to an Event,', 'merges on event time,', 'packs columns,', 'keeps what it refuses'],
    gives: 'EventBatch',
  },
  {
    title: 'analyzer',
    lines: ['scores on what it knew,', 'calibrates, decides,', 'then learns;', 'checkpoints its state'],
    gives: 'Finding',
  },
  {
    title: 'alerter',
    lines: ['groups to an Incident,', 'pages once,', 'keeps what it owes,', 'renders and retries'],
    gives: 'request',
  },
  {
    title: 'people',
    lines: ['a signed webhook,', 'the API: acknowledge,', 'resolve, comment,', 'mark as expected'],
  },
]

const BOX = { width: 178, height: 132, gap: 74, top: 26, left: 16 }
const FONT = 'font-family="DejaVu Sans, Verdana, Helvetica, sans-serif"'
const INK = '#1f2933'
const LINE = '#52606d'

/** The picture as SVG text. */
export function flowPicture(): string {
  const width = BOX.left * 2 + STAGES.length * BOX.width + (STAGES.length - 1) * BOX.gap
  const height = BOX.top + BOX.height + 74
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title">
<title id="title">${STAGES.map(({ title, gives }) => (gives === undefined ? title : `${title}, ${gives},`)).join(' ')}</title>
<defs><marker id="head" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0 10 5 0 10z" fill="${LINE}"/></marker></defs>
<rect width="${width}" height="${height}" fill="#ffffff"/>
${STAGES.map(box).join('\n')}
${STAGES.slice(0, -1).map(arrow).join('\n')}
${wayBack()}
</svg>
`
}

function leftOf(at: number): number {
  return BOX.left + at * (BOX.width + BOX.gap)
}

function box({ title, lines }: Stage, at: number): string {
  const x = leftOf(at)
  const isOurs = at > 0 && at < STAGES.length - 1
  const text = lines
    .map(
      (line, i) =>
        `<text x="${x + 14}" y="${BOX.top + 54 + i * 20}" ${FONT} font-size="13" fill="${LINE}">${line}</text>`,
    )
    .join('\n')
  return `<rect x="${x}" y="${BOX.top}" width="${BOX.width}" height="${BOX.height}" rx="8" fill="${isOurs ? '#e3f0ff' : '#f5f7fa'}" stroke="${isOurs ? '#2b6cb0' : '#9aa5b1'}" stroke-width="1.5"/>
<text x="${x + 14}" y="${BOX.top + 28}" ${FONT} font-size="16" font-weight="bold" fill="${INK}">${title}</text>
${text}`
}

function arrow({ gives }: Stage, at: number): string {
  const from = leftOf(at) + BOX.width + 3
  const to = leftOf(at + 1) - 3
  const y = BOX.top + BOX.height / 2
  return `<line x1="${from}" y1="${y}" x2="${to}" y2="${y}" stroke="${LINE}" stroke-width="1.5" marker-end="url(#head)"/>
<text x="${(from + to) / 2}" y="${y - 9}" ${FONT} font-size="11" text-anchor="middle" fill="${INK}">${gives}</text>`
}

/** Facts of the analyzer, incidents and decisions of people go back in at the collector. */
function wayBack(): string {
  const bottom = BOX.top + BOX.height
  const middle = (at: number) => leftOf(at) + BOX.width / 2
  const path = `M${middle(4)} ${bottom + 3} V${bottom + 42} H${middle(1)} V${bottom + 4}`
  return `<path d="${path}" fill="none" stroke="${LINE}" stroke-width="1.5" stroke-dasharray="5 4" marker-end="url(#head)"/>
<path d="M${middle(2)} ${bottom + 3} V${bottom + 41}" fill="none" stroke="${LINE}" stroke-width="1.5" stroke-dasharray="5 4"/>
<path d="M${middle(3)} ${bottom + 3} V${bottom + 41}" fill="none" stroke="${LINE}" stroke-width="1.5" stroke-dasharray="5 4"/>
<text x="${(middle(1) + middle(4)) / 2}" y="${bottom + 60}" ${FONT} font-size="12" text-anchor="middle" fill="${LINE}">facts of the analyzer, open incidents and decisions of people come back in through the collector</text>`
}
