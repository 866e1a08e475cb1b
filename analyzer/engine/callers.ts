import { kubernetesNamespaceOf } from '../../domain/identity.ts'
import type { Engine } from './engine.ts'

/** What is known of the callers of one namespace: how many are in each state. */
export interface CallerCounts {
  known: number
  /** First seen less than a day ago: no detector judges them with confidence yet. */
  learning: number
  /** A person said that something they do is expected. */
  silenced: number
  /** Silent for far longer than is usual of them: whether they rest or are not logged any more cannot be told. */
  unseen: number
}

const DAY_MS = 86_400_000
/** A caller is unseen after so many of its usual gaps, and not before an hour. */
const UNSEEN_GAPS = 30
const UNSEEN_MS = 3_600_000

/** Namespace of each row, with the name that it was read from: a name is taken apart once, not at every scrape. */
export interface NamespaceMemo {
  readonly names: (string | undefined)[]
  readonly namespaces: (string | undefined)[]
}

/**
 * Counts the callers of a partition by Kubernetes namespace; those that name none are under `other`. A caller is in one
 * partition only, so counts of several partitions may be added up.
 */
export function countCallers(engine: Engine, memo: NamespaceMemo): Map<string, CallerCounts> {
  const { identities, identityNames } = engine.state
  const silenced = silencedCallers(engine)
  const counts = new Map<string, CallerCounts>()
  for (let row = 0; row < identities.rows; row++) {
    const name = identityNames.texts[row]
    if (name === undefined || identities.u32[row * identities.words + identities.at.outDegree] === 0) continue
    const namespace = namespaceAt(memo, row, name)
    const ofNamespace = counts.get(namespace) ?? { known: 0, learning: 0, silenced: 0, unseen: 0 }
    ofNamespace[silenced.has(name) ? 'silenced' : stateOf(engine, row)]++
    counts.set(namespace, ofNamespace)
  }
  return counts
}

function namespaceAt({ names, namespaces }: NamespaceMemo, row: number, name: string): string {
  if (names[row] !== name) {
    names[row] = name
    namespaces[row] = kubernetesNamespaceOf(name)
  }
  return namespaces[row] ?? 'other'
}

/** Callers of which anything is expected now. */
function silencedCallers({ expected, clock }: Engine): ReadonlySet<string> {
  const callers = new Set<string>()
  for (const [key, until] of expected) if (until > clock.frontier) callers.add(key.split('\u0000', 1)[0])
  return callers
}

function stateOf({ state: { identities }, clock }: Engine, row: number): 'known' | 'learning' | 'unseen' {
  const doubles = row * identities.doubles
  const silence = clock.frontier - identities.f64[doubles + identities.at.lastAt]
  const gap = identities.f32[row * identities.words + identities.at.gapMs]
  if (silence > Math.max(UNSEEN_MS, UNSEEN_GAPS * gap)) return 'unseen'
  return clock.frontier - identities.f64[doubles + identities.at.firstAt] < DAY_MS ? 'learning' : 'known'
}
