import { type TObject, type TSchema, Type } from 'typebox'

/** Options of the detectors by name, each the schema of an object: what the registry knows. */
export type DetectorOptions = Readonly<Record<string, TSchema>>

function detectorOptions(name: string, options: TSchema): TSchema {
  const enabled = Type.Boolean({ default: true, description: 'whether this detector runs' })
  return Type.Object(
    { enabled, ...(options as TObject).properties },
    {
      default: {},
      additionalProperties: false,
      description: `the detector ${name}`,
      example: '{ enabled: false }',
    },
  )
}

function rows(defaultRows: number, what: string) {
  return Type.Integer({
    default: defaultRows,
    minimum: 100,
    maximum: 16_000_000,
    description: `${what} remembered by one partition; beyond it those idle longest are forgotten`,
  })
}

const budgetOptions = Type.Object(
  {
    findingsPerDay: Type.Number({
      default: 20,
      exclusiveMinimum: 0,
      maximum: 100_000,
      description: 'false findings a day that are acceptable, over all detectors',
    }),
    incidentsPerDay: Type.Number({
      default: 0.5,
      exclusiveMinimum: 0,
      maximum: 1000,
      description: 'false incidents a day that are acceptable, over all detectors',
    }),
  },
  { default: {}, additionalProperties: false, description: 'how many false alarms are acceptable' },
)

/** Options of the analyzer; those of each detector stand under its name. */
export function analyzerOptions(detectors: DetectorOptions) {
  const byName = Object.fromEntries(
    Object.entries(detectors).map(([name, options]) => [name, detectorOptions(name, options)]),
  )
  return Type.Object(
    {
      latenessMs: Type.Integer({
        default: 15_000,
        minimum: 0,
        maximum: 3_600_000,
        description: 'how much later than others a source may deliver; windows stay open that long',
      }),
      factsWaitMs: Type.Integer({
        default: 30_000,
        minimum: 1000,
        maximum: 3_600_000,
        description:
          'with roles apart: how long a partition waits at the end of an hour of event time for what the others have seen, before it goes on without them',
      }),
      checkpointEveryMs: Type.Integer({
        default: 10_000,
        minimum: 100,
        maximum: 600_000,
        description: 'longest time between two checkpoints; what came since is read again after a crash',
      }),
      maxIdentities: rows(200_000, 'identities'),
      maxEdges: rows(3_000_000, 'pairs of caller and callee'),
      maxCredentials: rows(1_000_000, 'credentials'),
      maxConnections: rows(500_000, 'open connections'),
      expireIdleDays: Type.Number({
        default: 30,
        minimum: 1,
        maximum: 400,
        description: 'what was not seen for so many days is forgotten',
      }),
      budget: budgetOptions,
      detectors: Type.Object(byName, {
        default: {},
        additionalProperties: false,
        description: 'options of each detector, by its name',
      }),
    },
    { default: {}, additionalProperties: false, description: 'baselines and detectors' },
  )
}
