import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { plan } from '../demo/plan.ts'
import { exitCodeOf, judgeDemo } from './demo-verdict.ts'
import { type Demo, openDemo } from './open-demo.ts'
import { step } from './station.ts'

export interface DemoOptions {
  readonly once?: boolean
  readonly seed: number
}

/** Event time that is learned in one go. */
const LEARN_SLICE_MS = 6 * 3_600_000
/** The attack plays this much faster than the clock, in slices of so much event time. */
const ATTACK_SLICE_MS = 20_000
const ATTACK_SLICES_PER_SECOND = 8
const LIVE_MS = 1000

/**
 * `meshwatch demo`: a generator plays a shop in raw log lines, which take the way of any log line. Two weeks are
 * learned as fast as they parse, an attack plays fast, then traffic goes on as it happens.
 * @returns the exit code: with `--once` 0 only if exactly the planted incidents were raised
 */
export async function demoCommand({ once = false, seed }: DemoOptions): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'meshwatch-demo-'))
  const demo = await openDemo(folder, seed)
  const stop = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort())
  try {
    await learn(demo, stop.signal)
    await attack(demo, stop.signal)
    if (!once && !stop.signal.aborted) await live(demo, stop.signal)
    await demo.station.alerter.deliverDue()
    return stop.signal.aborted ? 0 : await verdict(demo, seed)
  } finally {
    await demo.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Takes in all that was played, shows what came of it, and sends what is owed. */
async function takeAll({ station, screen, meter, incidents }: Demo): Promise<void> {
  for (let report = await step(station); report !== undefined; report = await step(station)) {
    meter.onStep(report)
    for (const { before, after } of report.updates) {
      incidents.set(after.id, after)
      screen.incident(before, after)
    }
    if (report.updates.length > 0) await station.alerter.deliverDue()
  }
}

async function learn(demo: Demo, stop: AbortSignal): Promise<void> {
  const { start, attackStart: end } = demo.times
  let lines = 0
  for (let time = start; time < end && !stop.aborted; ) {
    time = Math.min(end, time + LEARN_SLICE_MS)
    lines += demo.shop.playTo(time)
    await takeAll(demo)
    demo.screen.learning({ share: (time - start) / (end - start), lines })
    await sleep(0)
  }
  if (!stop.aborted) demo.screen.learned({ lines, state: demo.station.pipeline.engines[0].state })
}

async function attack(demo: Demo, stop: AbortSignal): Promise<void> {
  const { attackStart, attackEnd } = demo.times
  for (let time = attackStart; time < attackEnd && !stop.aborted; ) {
    time = Math.min(attackEnd, time + ATTACK_SLICE_MS)
    demo.shop.playTo(time)
    await takeAll(demo)
    demo.screen.clock(time)
    await sleep(1000 / ATTACK_SLICES_PER_SECOND, undefined, { signal: stop }).catch(() => {})
  }
}

async function live(demo: Demo, stop: AbortSignal): Promise<void> {
  demo.screen.live()
  while (!stop.aborted) {
    demo.shop.playTo(Date.now())
    await takeAll(demo)
    await demo.station.alerter.deliverDue()
    await sleep(LIVE_MS, undefined, { signal: stop }).catch(() => {})
  }
}

async function verdict({ times, incidents, screen }: Demo, seed: number): Promise<number> {
  const judged = judgeDemo(plan(seed, times.attackStart), [...incidents.values()])
  screen.verdict(judged)
  return exitCodeOf(judged)
}
