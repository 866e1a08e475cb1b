import { assemble } from './blocks/assemble.ts'
import {
  acceptedNow,
  canaryByStage,
  knownEntities,
  lagByTopic,
  receivedBySource,
  refusedByReason,
  refusedShare,
  stageIdle,
  stageTime,
  watermarkDelay,
} from './panels/flow.ts'
import {
  answers,
  builds,
  eventLoop,
  memory,
  notReady,
  notReadyReasons,
  overflow,
  processorTime,
  restarts,
} from './panels/processes.ts'
import { clockTrouble, eventTimeDelay, sourceAges } from './panels/sources.ts'
import { checkpointSize, checkpointTime, rebalances, storeErrors, storeTime } from './panels/stores.ts'
import { canaryAge, unreadRecords } from './panels/trust.ts'

/** From the sources to the findings: rate, errors and duration of each stage, then what each process uses. */
export function pipelineHealth() {
  return assemble({
    uid: 'meshwatch-pipeline-health',
    description:
      'Whether records become findings in time, and which stage is the narrow one when they do not.',
    panels: [
      notReady(),
      acceptedNow(),
      refusedShare(),
      watermarkDelay(),
      canaryAge(4),
      unreadRecords(4),
      receivedBySource(),
      refusedByReason(),
      lagByTopic(),
      stageTime(),
      canaryByStage(),
      stageIdle(),
      notReadyReasons(),
      sourceAges(12, 6),
    ],
    folded: {
      'Event time': [eventTimeDelay(), clockTrouble()],
      Stores: [storeTime(), storeErrors(), checkpointTime(), checkpointSize(), knownEntities(), answers()],
      Processes: [eventLoop(), memory(), processorTime(), restarts(), rebalances(), overflow(), builds()],
    },
  })
}
