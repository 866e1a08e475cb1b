/** A credential that was made, or taken out of use. */
export interface CredentialStep {
  readonly action: string
  /** When it was, epoch ms. */
  readonly time: number
  readonly identity: string
  /** Key of the credential. */
  readonly credential: string
  /** Key of the one that it replaces, where the source says so. */
  readonly previous?: string
  readonly notBefore?: number
  readonly notAfter?: number
}

/** Takes the next step. @returns age in ms of the credential that was replaced; undefined when none was, or it is not known */
export type RotationAges = (step: CredentialStep) => number | undefined

interface Made {
  readonly identity: string
  readonly from: number
  readonly until: number
}

const MOST_REMEMBERED = 50_000
const REPLACING: ReadonlySet<string> = new Set(['renewed', 'rotated'])
const MAKING: ReadonlySet<string> = new Set(['issued', ...REPLACING])
const ENDING: ReadonlySet<string> = new Set(['superseded', 'revoked', 'expired', 'deleted'])

/**
 * Ages of credentials at their rotation. Most sources do not say which one is replaced: then it is the oldest of the same
 * identity that is valid still, since replicas of a service rotate in the order in which they were given theirs.
 */
export function createRotationAges(): RotationAges {
  const made = new Map<string, Made>()
  const ofIdentity = new Map<string, Set<string>>()
  const forget = (key: string) => {
    const known = made.get(key)
    if (known === undefined) return undefined
    made.delete(key)
    const keys = ofIdentity.get(known.identity)
    keys?.delete(key)
    if (keys?.size === 0) ofIdentity.delete(known.identity)
    return known
  }
  const oldestOf = (identity: string, time: number) => {
    for (const key of ofIdentity.get(identity) ?? []) {
      if (made.get(key)!.until >= time) return key
      forget(key)
    }
    return undefined
  }
  const remember = ({ credential, identity, time, notBefore = time, notAfter }: CredentialStep) => {
    forget(credential)
    made.set(credential, { identity, from: notBefore, until: notAfter ?? Number.POSITIVE_INFINITY })
    ofIdentity.set(identity, (ofIdentity.get(identity) ?? new Set()).add(credential))
    if (made.size > MOST_REMEMBERED) forget(made.keys().next().value!)
  }
  return (step) => {
    const { action, time, identity, credential, previous } = step
    if (ENDING.has(action)) {
      const ended = forget(credential)
      return action === 'superseded' && ended !== undefined ? Math.max(0, time - ended.from) : undefined
    }
    if (!MAKING.has(action)) return undefined
    const isReplacing = previous !== undefined || REPLACING.has(action)
    const replaced = isReplacing ? forget(previous ?? oldestOf(identity, time) ?? '') : undefined
    remember(step)
    return replaced && Math.max(0, time - replaced.from)
  }
}
