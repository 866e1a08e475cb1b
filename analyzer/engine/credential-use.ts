import type { Engine } from './engine.ts'

/** A credential that was not used for so long is dormant. */
const DORMANT_MS = 7 * 86_400_000
/** Connections of a credential that a new one is compared with: the newest ones. */
const MOST_COMPARED = 8
/** Kept until they are taken: a replay takes none. */
const MOST_LIFETIMES = 10_000

/** True when a use comes after a long rest. @param lastAt its last sign of life, epoch ms; 0 for none */
export function isDormant(lastAt: number, useAt: number): boolean {
  return lastAt !== 0 && useAt - lastAt >= DORMANT_MS
}

/** Counts what is to be said of a credential that is presented on a connection for the first time. */
export function noteOpening(engine: Engine, connection: number): void {
  const { connections, credentials } = engine.state
  const words = connection * connections.words
  const credential = connections.u32[words + connections.at.credential]
  const notAfter = credentials.f64[credential * credentials.doubles + credentials.at.notAfter]
  const startAt = connections.f64[connection * connections.doubles + connections.at.startAt]
  const { lifetimesLeftMs } = engine
  if (notAfter !== 0 && lifetimesLeftMs.length < MOST_LIFETIMES) lifetimesLeftMs.push(notAfter - startAt)
  compareWithOthers(engine, connection)
}

/** Another caller, or another address, than on the connections before. */
function compareWithOthers({ state: { connections }, counters }: Engine, connection: number): void {
  const { u32, at, words } = connections
  const own = connection * words
  let [isKnownCaller, isKnownAddress, seen] = [false, u32[own + at.address] === 0, 0]
  for (let next = u32[own + at.next]; next !== 0 && seen < MOST_COMPARED; seen++) {
    const other = (next - 1) * words
    isKnownCaller ||= u32[other + at.caller] === u32[own + at.caller]
    isKnownAddress ||= u32[other + at.address] === u32[own + at.address]
    if (isKnownCaller && isKnownAddress) return
    next = u32[other + at.next]
  }
  if (seen === 0) return
  if (!isKnownCaller) counters.otherCaller++
  if (!isKnownAddress) counters.otherAddress++
}

/** Takes what was left of the lifetimes of credentials when they were presented, ms; negative for one that was over. */
export function takeLifetimesLeft(engine: Engine): readonly number[] {
  return engine.lifetimesLeftMs.splice(0)
}
