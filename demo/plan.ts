import { canonicalSerial } from '../domain/credential.ts'
import { MINUTE_MS } from './curve.ts'
import { diceFor, shuffled } from './dice.ts'
import { changesOf, type Seat } from './fleet.ts'
import { slotsOf } from './pods.ts'
import { type Way, wayOf } from './targets.ts'
import { type Edge, isShared, type Topology, topologyOf } from './topology.ts'

/** What an attack does, in the words of the logs: the incidents that have to be raised, and no others. */
export interface AttackPlan {
  /** SPIFFE ids. `compromised` calls `firstTarget`, and that calls `nextTarget`, both for the first time ever. */
  readonly compromised: string
  readonly firstTarget: string
  readonly nextTarget: string
  /** The edge over which the compromised service pulls far more than usual. */
  readonly volumeEdge: { readonly caller: string; readonly callee: string }
  /** The certificate that is used on new connections after its revocation; serial in canonical form. */
  readonly revoked: { readonly identity: string; readonly serialHex: string }
  readonly times: AttackTimes
}

/** Epoch ms, all between the start of the attack and its end 20 minutes later. */
export interface AttackTimes {
  readonly start: number
  /** First call of the compromised service to the first target; of that to the next. */
  readonly firstCallAt: number
  readonly nextCallAt: number
  readonly volumeFrom: number
  readonly volumeTo: number
  /** The certificate's holder gets another one; then the old one is revoked; then a stranger uses it. */
  readonly renewedAt: number
  readonly revokedAt: number
  readonly stolenUseFrom: number
  readonly stolenUseTo: number
  readonly end: number
}

/** An attack with the records it is played from. */
export interface Attack extends Way {
  readonly times: AttackTimes
  /** The pod whose certificate is revoked, with that certificate. */
  readonly victim: Seat
  /** The edge over which the stolen certificate is used; it exists, so that only the certificate is wrong. */
  readonly stolenEdge: Edge
}

export const ATTACK_MS = 20 * MINUTE_MS

/** The ground truth of the attack that `generate` plays for this seed at `attackStart` (epoch ms). */
export function plan(seed: number, attackStart: number): AttackPlan {
  const attack = attackOf(topologyOf(seed), attackStart)
  const { serialHex } = attack.victim.certificate
  return {
    compromised: attack.compromised.identity,
    firstTarget: attack.firstTarget.identity,
    nextTarget: attack.nextTarget.identity,
    volumeEdge: {
      caller: attack.volumeEdge.caller.identity,
      callee: attack.volumeEdge.callee.identity,
    },
    revoked: {
      identity: attack.victim.pod.slot.service.identity,
      serialHex: canonicalSerial(serialHex, 16) ?? serialHex,
    },
    times: attack.times,
  }
}

export function attackOf(topology: Topology, attackStart: number): Attack {
  const way = wayOf(topology)
  const times = timesOf(attackStart)
  return { ...way, ...victimOf(topology, way, times), times }
}

function timesOf(attackStart: number): AttackTimes {
  const start = Math.ceil(attackStart / 1000) * 1000
  const at = (seconds: number) => start + seconds * 1000
  return {
    start,
    firstCallAt: at(60),
    nextCallAt: at(330),
    volumeFrom: at(540),
    volumeTo: at(960),
    renewedAt: at(120),
    revokedAt: at(180),
    stolenUseFrom: at(340),
    stolenUseTo: at(640),
    end: start + ATTACK_MS,
  }
}

/** A pod that otherwise goes on as it is through the whole attack, of a service with a busy edge. */
function victimOf(topology: Topology, way: Way, times: AttackTimes): Pick<Attack, 'victim' | 'stolenEdge'> {
  const dice = diceFor(topology.seed, 'victim')
  const involved = new Set([way.compromised, way.firstTarget, way.nextTarget])
  const busy = topology.edges.filter(
    (edge) => edge.perMinute >= 0.5 && !isShared(edge) && !edge.caller.isNew && !involved.has(edge.caller),
  )
  for (const stolenEdge of shuffled(dice, busy)) {
    const slots = slotsOf(topology.seed, [stolenEdge.caller])
    for (const slot of slots.slice(0, stolenEdge.caller.minPods)) {
      const changes = changesOf(slot, times.start)
      const current = changes.next().value as { seat: Seat }
      changes.next()
      const next = changes.next().value as { time: number }
      if (next.time > times.end + MINUTE_MS) return { victim: current.seat, stolenEdge }
    }
  }
  throw new Error(
    `seed ${topology.seed} has no pod that lasts from ${times.start}: start the attack at another time`,
  )
}
