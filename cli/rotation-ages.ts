/** A credential that was made, or taken out of use. */
export interface CredentialStep {
  readonly action: string
  /** When it was, epoch ms. */
  readonly time: number
  readonly identity: string
  /** Where it was asked for from. */
  readonly address?: string
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
  readonly holder: string
  readonly from: number
  readonly until: number
}

const MOST_REMEMBERED = 50_000
const REPLACING: ReadonlySet<string> = new Set(['renewed', 'rotated'])
const MAKING: ReadonlySet<string> = new Set(['issued', ...REPLACING])
const ENDING: ReadonlySet<string> = new Set(['superseded', 'revoked', 'expired', 'deleted'])

/**
 * Ages of credentials at their rotation. Most sources do not say which one is replaced: then it is the one of the same
 * identity and address that is valid still, if there is one only. Of replicas behind one address nothing can be said.
 */
export function createRotationAges(): RotationAges {
  const made = new Map<string, Made>()
  const ofHolder = new Map<string, Set<string>>()
  const forget = (key: string) => {
    const known = made.get(key)
    if (known === undefined) return undefined
    made.delete(key)
    const keys = ofHolder.get(known.holder)
    keys?.delete(key)
    if (keys?.size === 0) ofHolder.delete(known.holder)
    return known
  }
  const onlyOneOf = (holder: string, time: number) => {
    let found: string | undefined
    for (const key of ofHolder.get(holder) ?? []) {
      if (made.get(key)!.until < time) forget(key)
      else if (found !== undefined) return undefined
      else found = key
    }
    return found
  }
  const remember = ({ credential, time, notBefore = time, notAfter }: CredentialStep, holder: string) => {
    forget(credential)
    made.set(credential, { holder, from: notBefore, until: notAfter ?? Number.POSITIVE_INFINITY })
    ofHolder.set(holder, (ofHolder.get(holder) ?? new Set()).add(credential))
    if (made.size > MOST_REMEMBERED) forget(made.keys().next().value!)
  }
  return (step) => {
    const { action, time, credential, previous } = step
    if (ENDING.has(action)) {
      const ended = forget(credential)
      return action === 'superseded' && ended !== undefined ? Math.max(0, time - ended.from) : undefined
    }
    if (!MAKING.has(action)) return undefined
    const holder = `${step.identity}\u0000${step.address ?? ''}`
    const isReplacing = previous !== undefined || REPLACING.has(action)
    const replaced = isReplacing ? forget(previous ?? onlyOneOf(holder, time) ?? '') : undefined
    remember(step, holder)
    return replaced && Math.max(0, time - replaced.from)
  }
}
