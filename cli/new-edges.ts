import type { Finding } from '../domain/finding.ts'
import { shortIdentity } from '../domain/identity.ts'

/** New edges of the last hour: Prometheus remembers for longer. */
export interface NewEdges {
  note(findings: readonly Finding[]): void
  /** Bits of surprise by edge, as `caller → callee`. */
  bits(): readonly (readonly [edge: string, bits: number])[]
}

const REMEMBERED_MS = 3_600_000
const MOST_REMEMBERED = 1000

/** @param clock wall clock, epoch ms */
export function createNewEdges(clock: () => number): NewEdges {
  const edges = new Map<string, { readonly bits: number; readonly at: number }>()
  return {
    note: (findings) => {
      for (const { detector, subject, raw } of findings) {
        if (detector !== 'new-edge' || !('callee' in subject)) continue
        const edge = `${shortIdentity(subject.caller)} → ${shortIdentity(subject.callee)}`
        edges.delete(edge)
        edges.set(edge, { bits: raw, at: clock() })
      }
      for (const oldest of [...edges.keys()].slice(0, Math.max(0, edges.size - MOST_REMEMBERED)))
        edges.delete(oldest)
    },
    bits: () => {
      for (const [edge, { at }] of edges) if (clock() - at > REMEMBERED_MS) edges.delete(edge)
      return [...edges].map(([edge, { bits }]) => [edge, bits] as const)
    },
  }
}
