import { assemble } from './blocks/assemble.ts'
import { deniedByReason, lifetimesLeft, outsideBaseline, rotationAges } from './panels/credential-use.ts'
import {
  credentialEntities,
  credentialRejects,
  credentialsKnown,
  lifecycleOfTheDay,
  lifecycleOverTime,
  made,
  revocationSeen,
  revoked,
  usedAfterRevocation,
} from './panels/lifecycle.ts'
import { sourceAges } from './panels/sources.ts'
import { deniedNow, usesByKind, usesOfTheDay } from './panels/uses.ts'

/** Issued against presented: the two halves that Meshwatch joins. */
export function credentials() {
  return assemble({
    uid: 'meshwatch-credentials',
    description:
      'What is issued and revoked, what is presented, and whether the two can be held against each other.',
    panels: [
      usedAfterRevocation(),
      revocationSeen(),
      made(),
      revoked(),
      credentialsKnown(),
      deniedNow(),
      lifecycleOverTime(),
      usesByKind(),
      rotationAges(),
      lifetimesLeft(),
      outsideBaseline(),
      deniedByReason(),
      lifecycleOfTheDay(),
      usesOfTheDay(),
    ],
    folded: { 'Reading and remembering': [sourceAges(8, 8), credentialRejects(), credentialEntities()] },
  })
}
