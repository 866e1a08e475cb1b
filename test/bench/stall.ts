import { setImmediate as turn } from 'node:timers/promises'
import { openEngines } from '../../cli/engines.ts'
import { EXTENSIONS } from '../../cli/extensions.ts'
import { analyze, type Pipeline } from '../../cli/pipeline.ts'
import { collect, createCollector } from '../../collector/collect.ts'
import { createFeed } from '../../collector/feed.ts'
import { readConfig } from '../../domain/config/read.ts'
import type { Source } from '../../domain/ports.ts'
import { intakeLines } from '../../io/intake.ts'
import { rawRecord, testContext } from '../raw-record.ts'
import { revocationList } from '../revocation-list.ts'
import { envoyLine } from './lines.ts'

/** The longest time that other work has to wait while one large input is taken in, on a core of its own. */

const ROUNDS = 5

/** Time of this thread on a core, ms: what others do with the core in between does not count. */
function spentMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}

/** Longest time between two turns of the event loop while `work` runs, ms. */
async function longestWait(work: () => Promise<unknown>): Promise<number> {
  let longest = 0
  let last = spentMs()
  let isOver = false
  const watch = () => {
    const now = spentMs()
    longest = Math.max(longest, now - last)
    last = now
    if (!isOver) setImmediate(watch)
  }
  setImmediate(watch)
  await turn()
  await work()
  isOver = true
  return Math.max(longest, spentMs() - last)
}

/** A list through collector and analyzer, in rounds as a running process makes them. */
async function takeList(bytes: Uint8Array): Promise<void> {
  const records = [rawRecord(bytes, 'whole')]
  const end = { source: 'list', generation: 'list-1', offset: bytes.length, line: 0 }
  const source: Source = {
    name: 'list',
    ended: false,
    read: async () => (records.length === 0 ? undefined : { records: records.splice(0), end }),
    close: async () => {},
  }
  const result = readConfig('', 'bench', EXTENSIONS)
  if (!('config' in result)) throw new Error('the defaults are no configuration')
  const pipeline: Pipeline = {
    collector: createCollector([createFeed(source, 'auto', testContext())], {
      partitions: 1,
      latenessMs: 15_000,
    }),
    engines: openEngines(result.config),
  }
  for (let round = await collect(pipeline.collector); round !== undefined; ) {
    analyze(pipeline, round)
    await turn()
    round = await collect(pipeline.collector)
  }
}

/** An export of log records with as many attributes as the keys of an Envoy line. */
function otlpBody(records: number): Uint8Array {
  const logRecords = Array.from({ length: records }, (_, i) => ({
    timeUnixNano: `${1_767_571_200_000 + i}000000`,
    body: { stringValue: 'GET /orders 200' },
    attributes: Object.entries(JSON.parse(envoyLine(i))).map(([key, value]) => ({
      key,
      value: { stringValue: String(value) },
    })),
  }))
  return Buffer.from(JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] }))
}

function inPem(bytes: Uint8Array): Uint8Array {
  const lines = Buffer.from(bytes).toString('base64').replace(/.{64}/g, '$&\n')
  return Buffer.from(`-----BEGIN X509 CRL-----\n${lines}\n-----END X509 CRL-----\n`)
}

export async function benchStall(): Promise<void> {
  const list = revocationList(100_000)
  const otlp = otlpBody(5000)
  const works = [
    { name: 'a revocation list of 100,000 entries in DER', bytes: list, work: takeList },
    { name: 'the same in PEM', bytes: inPem(list), work: takeList },
    {
      name: 'an OTLP request',
      bytes: otlp,
      work: (body: Uint8Array) => intakeLines(body, 'application/json'),
    },
  ]
  for (const { name, bytes, work } of works) {
    const waits: number[] = []
    for (let round = 0; round < ROUNDS; round++) waits.push(await longestWait(() => work(bytes)))
    console.log(
      `longest wait beside ${name} (${(bytes.length / 2 ** 20).toFixed(1)} MiB): ${Math.round(Math.min(...waits))} to ${Math.round(Math.max(...waits))} ms`,
    )
  }
}

if (import.meta.main) await benchStall()
