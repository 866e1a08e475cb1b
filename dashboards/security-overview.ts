import { assemble } from './blocks/assemble.ts'
import {
  findingsOfTheDay,
  findingsOverTime,
  findingsTable,
  outsideBudget,
  whatIsSeen,
} from './panels/findings.ts'
import { acceptedOverTime, knownEntities } from './panels/flow.ts'
import {
  incidentsByState,
  incidentsOpened,
  newIncidents,
  oldestOpen,
  openIncidents,
  timeToAcknowledge,
} from './panels/incidents.ts'
import { learningShare, namespaceStates } from './panels/namespaces.ts'
import { riskyIdentities, surprisingEdges } from './panels/risks.ts'
import { blindDetectors, canaryAge, oldestPage, silentSource, unreadRecords } from './panels/trust.ts'
import { deniedCalls } from './panels/uses.ts'

/** The first look: is something wrong, and would we know? */
export function securityOverview() {
  return assemble({
    uid: 'meshwatch-security-overview',
    description: 'What was found and whether anybody has taken it; below, whether silence can be trusted.',
    panels: [
      openIncidents(),
      newIncidents(),
      timeToAcknowledge(),
      oldestOpen(),
      blindDetectors(4),
      silentSource(4),
      oldestPage(4),
      canaryAge(4),
      unreadRecords(4),
      learningShare(4),
      namespaceStates(),
      surprisingEdges(),
      riskyIdentities(),
      findingsTable(),
      incidentsOpened(),
    ],
    folded: {
      'What each detector says': [whatIsSeen(), findingsOverTime(), findingsOfTheDay()],
      'What was looked at': [acceptedOverTime(), knownEntities(), deniedCalls()],
      'What did not notify': [outsideBudget(), incidentsByState()],
    },
  })
}
