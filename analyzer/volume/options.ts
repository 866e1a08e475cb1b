import { type Static, Type } from 'typebox'

export const VOLUME_OPTIONS = Type.Object({
  recordZ: Type.Number({
    default: 3.5,
    minimum: 3,
    description: 'signed deviance from which a window is recorded',
  }),
  incidentZ: Type.Number({
    default: 5,
    minimum: 3,
    description: 'signed deviance below which a window never opens an incident',
  }),
  incidentRatio: Type.Number({
    default: 2,
    minimum: 1,
    description: 'a rise opens an incident only from this many times the expected count',
  }),
  incidentCalls: Type.Integer({
    default: 50,
    minimum: 1,
    description: 'a change opens an incident only from this many calls more or fewer than expected',
  }),
  steadyCalls: Type.Number({
    default: 8,
    minimum: 1,
    description: 'expected calls in a window from which fewer calls are news',
  }),
})

export type VolumeOptions = Static<typeof VOLUME_OPTIONS>
