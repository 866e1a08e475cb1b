import type { State } from '../analyzer/engine/state.ts'
import type { Incident } from '../domain/incident.ts'
import type { ReceivedWebhook } from '../io/webhook-receiver.ts'
import type { DemoVerdict } from './demo-verdict.ts'
import type { Doors } from './doors.ts'
import { escapeForTerminal, paint } from './output.ts'

/** What the demo shows on the terminal. */
export interface Screen {
  open(doors: Doors): void
  learning(progress: { readonly share: number; readonly lines: number }): void
  learned(result: { readonly lines: number; readonly state: State }): void
  clock(time: number): void
  incident(before: Incident | undefined, after: Incident): void
  page(received: ReceivedWebhook): void
  live(): void
  verdict(verdict: DemoVerdict): void
  trouble(error: Error): void
}

const SEVERITY_TONE = { info: 'dim', low: 'cyan', medium: 'yellow', high: 'yellow', critical: 'red' } as const

const say = (text = '') => console.log(text)
const clockText = (time: number) => new Date(time).toISOString().slice(11, 19)

/** A screen on standard output. */
export function demoScreen(seed: number): Screen {
  const began = performance.now()
  const elapsed = () => `${((performance.now() - began) / 1000).toFixed(0)} s`
  let shownShare = 0
  return {
    open: ({ api, metrics }) => {
      say(
        paint(
          'bold',
          `meshwatch demo, seed ${seed}: a shop of about 40 services behind a mesh, with certificates from step-ca`,
        ),
      )
      say(`API      ${api}/v1/incidents`)
      say(`metrics  ${metrics}`)
      say('pages    to a webhook receiver in this process, which verifies each signature')
      say()
    },
    learning: ({ share, lines }) => {
      const text = `learning two weeks of traffic … ${Math.round(share * 100)} %, ${lines.toLocaleString('en')} log lines, ${elapsed()}`
      if (process.stdout.isTTY) process.stdout.write(`\r${text}`)
      else if (share - shownShare >= 0.25) say(text)
      if (share - shownShare >= 0.25) shownShare = share
    },
    learned: ({ lines, state }) => {
      if (process.stdout.isTTY) say()
      const { identities, edges, credentials } = state
      say(
        `learned ${lines.toLocaleString('en')} lines in ${elapsed()}: ${identities.rows} identities, ${edges.rows} edges, ${credentials.rows} certificates`,
      )
      say(paint('bold', 'now an attack plays, faster than the clock'))
      say()
    },
    clock: (time) => {
      if (process.stdout.isTTY) process.stdout.write(`\r${paint('dim', `event time ${clockText(time)}`)}\r`)
    },
    incident: (before, after) => showIncident(before, after, elapsed()),
    page: ({ id, payload }) => {
      const type = (payload as { type?: unknown }).type
      say(
        `  ${paint('green', 'page received')}  ${escapeForTerminal(String(type))}, webhook-id ${id}, signature verified`,
      )
      say()
    },
    live: () => {
      say(paint('bold', 'the attack is over; traffic goes on as it happens. Ctrl-C ends the demo.'))
    },
    verdict: ({ found, missing, unplanned }) => {
      say(
        paint(
          'bold',
          `planted incidents raised: ${found.length} of ${found.length + missing.length}; others raised: ${unplanned.length}`,
        ),
      )
      for (const what of found) say(`  ${paint('green', 'found')}      ${what}`)
      for (const what of missing) say(`  ${paint('red', 'missing')}    ${what}`)
      for (const what of unplanned) say(`  ${paint('red', 'unplanned')}  ${escapeForTerminal(what)}`)
    },
    trouble: (error) => console.error(`meshwatch: ${error.message}`),
  }
}

function showIncident(before: Incident | undefined, after: Incident, elapsed: string): void {
  if (before !== undefined && before.version === after.version) return
  const finding = after.findings.at(-1)
  if (finding === undefined) return
  const what = before === undefined ? 'INCIDENT' : after.state === 'resolved' ? 'resolved' : 'update'
  const { severity } = after
  say(
    `${paint(SEVERITY_TONE[severity], `${what} ${severity}`)}  ${paint('dim', `${clockText(finding.end)} event time, ${elapsed} after the start, ${after.id}`)}`,
  )
  say(`  ${escapeForTerminal(finding.text)}`)
  for (const { source, line } of finding.evidence.slice(0, 3))
    say(paint('dim', `  evidence   ${escapeForTerminal(source)} line ${line}`))
  say(`  next step  ${finding.respond}`)
}
