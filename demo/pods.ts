import { DAY_MS, HOUR_MS, MINUTE_MS } from './curve.ts'
import { lot, share } from './dice.ts'
import { MAX_PODS, type Service } from './services.ts'

/** A place for a pod of a service. Its tenants are known for all time from the seed, so any moment can be asked for. */
export interface Slot {
  readonly seed: number
  readonly service: Service
  /** From 0; slots below `minPods` are always taken, the others while the day is busy. */
  readonly number: number
}

/** One pod: a tenant of a slot from a deploy (or scaling up) to the next (or scaling down). */
export interface Pod {
  readonly slot: Slot
  /** Names the pod among all of the shop. */
  readonly key: string
  /** Epoch ms. */
  readonly bornAt: number
  readonly endsAt: number
  /** True when the next pod of the slot takes over at `endsAt`. */
  readonly isReplaced: boolean
  readonly address: string
}

/** All slots of the services. */
export function slotsOf(seed: number, services: readonly Service[]): Slot[] {
  return services.flatMap((service) =>
    Array.from({ length: service.maxPods }, (_, number) => ({ seed, service, number })),
  )
}

/** The pods of a slot, from the one that is there at `from` (or comes next) without end. */
export function* podsOf(slot: Slot, from: number): Generator<Pod> {
  let bornAt: number | undefined
  for (const turn of turnsOf(slot, Math.floor(from / DAY_MS) - 2 * slot.service.deployEveryDays)) {
    if (bornAt !== undefined && turn.time > from) yield pod(slot, bornAt, turn)
    bornAt = turn.isTaken ? turn.time : undefined
  }
}

/** The deploy of the service on a day (days since the epoch), if there is one: in office hours, epoch ms. */
export function deployOn(seed: number, service: Service, day: number): number | undefined {
  const period = Math.floor(day / service.deployEveryDays)
  const name = `deploy/${service.name}/${period}`
  const chosen = period * service.deployEveryDays + (lot(seed, name) % service.deployEveryDays)
  if (chosen !== day) return undefined
  return Math.floor(day * DAY_MS + 9 * HOUR_MS + share(seed, `${name}/hour`) * 7 * HOUR_MS)
}

/** A moment at which a slot gets a new pod or loses its pod. */
interface Turn {
  readonly time: number
  readonly isTaken: boolean
}

const STAGGER_MS = 45_000

function* turnsOf(slot: Slot, fromDay: number): Generator<Turn> {
  const { seed, service, number } = slot
  for (let day = fromDay; ; day++) {
    const deployedAt = deployOn(seed, service, day)
    const deploy = deployedAt === undefined ? [] : [{ time: deployedAt + number * STAGGER_MS, isTaken: true }]
    if (number < service.minPods) yield* deploy
    else yield* scaled(slot, day, deploy)
  }
}

/** A further slot is taken from the morning to the night; a deploy in between replaces its pod. */
function scaled(slot: Slot, day: number, deploy: readonly Turn[]): Turn[] {
  const jitter = (what: string) => share(slot.seed, `${what}/${slot.service.name}/${slot.number}/${day}`)
  const up = day * DAY_MS + (5 + slot.number + 1.5 * jitter('up')) * HOUR_MS
  const down = day * DAY_MS + (23.5 - slot.number - 1.5 * jitter('down')) * HOUR_MS
  return [
    { time: Math.floor(up), isTaken: true },
    ...deploy.filter(({ time }) => time > up + MINUTE_MS && time < down - MINUTE_MS),
    { time: Math.floor(down), isTaken: false },
  ]
}

function pod(slot: Slot, bornAt: number, end: Turn): Pod {
  const { seed, service, number } = slot
  const key = `${service.name}/${number}/${bornAt}`
  const node = 32 + (lot(seed, `node/${key}`) % 12)
  const place = service.index * MAX_PODS + number
  const host = 2 + (lot(seed, `host/${key}`) % 250)
  return {
    slot,
    key,
    bornAt,
    endsAt: end.time,
    isReplaced: end.isTaken,
    address: `10.${node}.${place}.${host}`,
  }
}
