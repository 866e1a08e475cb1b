import type { Edge } from './topology.ts'

/** What one service asks of another: a method, a path, and perhaps a number at its end. */
export interface Operation {
  readonly method: string
  readonly path: string
  readonly hasNumber: boolean
}

/** The operations an edge uses: a timetable's only one, else two or three of the callee's. */
export function operationsOf(edge: Pick<Edge, 'caller' | 'callee' | 'index'>): Operation[] {
  const { caller, callee, index } = edge
  const noun = callee.name.replace(/-.*/, '')
  if (callee.tier === 'shared')
    return [{ method: 'GET', path: `/v1/${noun}/${caller.name}`, hasNumber: false }]
  if (caller.tier === 'prober') return [{ method: 'GET', path: '/healthz', hasNumber: false }]
  if (caller.tier === 'batch') return [{ method: 'POST', path: `/v1/${noun}/settle`, hasNumber: false }]
  const all = [
    { method: 'GET', path: `/v1/${noun}/`, hasNumber: true },
    { method: 'GET', path: `/v1/${noun}`, hasNumber: false },
    { method: 'POST', path: `/v1/${noun}`, hasNumber: false },
  ]
  return index % 3 === 0 ? all : all.slice(0, 2)
}
