import { assemble } from './blocks/assemble.ts'
import {
  acknowledgeTime,
  attemptsByOutcome,
  attemptTime,
  circuits,
  deliveriesByEndpoint,
  deliveriesByResult,
  notOwed,
  queueAge,
  queueLength,
} from './panels/deliveries.ts'
import {
  attemptsNeeded,
  braked,
  canaryAtAlerter,
  deliveredOfTheDay,
  failedAttempts,
  givenUpOfTheDay,
  owedNow,
  pauses,
  probedEndpoints,
  refusedHere,
} from './panels/paging.ts'
import { oldestPage } from './panels/trust.ts'

/** From the incident to the person: is everybody told who should be? */
export function pagingHealth() {
  return assemble({
    uid: 'meshwatch-paging-health',
    description: 'Whether incidents reach people, through which endpoint, and how long that takes.',
    panels: [
      oldestPage(4),
      owedNow(),
      probedEndpoints(),
      givenUpOfTheDay(),
      failedAttempts(),
      deliveredOfTheDay(),
      circuits(),
      deliveriesByResult(),
      attemptsByOutcome(),
      queueAge(),
      queueLength(),
      attemptTime(),
      acknowledgeTime(),
      deliveriesByEndpoint(),
      canaryAtAlerter(),
    ],
    folded: {
      'Why attempts fail': [attemptsNeeded(), pauses(), braked(), refusedHere()],
      'What nobody was to get': [notOwed()],
    },
  })
}
