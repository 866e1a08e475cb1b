import type { Channel } from './channel.ts'
import { webhook } from './channels/webhook.ts'
import type { Stage } from './stage.ts'
import { enabledEndpoint } from './stages/enabled-endpoint.ts'
import { minimumSeverity } from './stages/minimum-severity.ts'
import { notableSeverity } from './stages/notable-severity.ts'

export const CHANNELS: readonly Channel[] = [webhook]

/** In this order: the first reason to drop a notification is the one that is told. */
export const STAGES: readonly Stage[] = [notableSeverity, minimumSeverity, enabledEndpoint]
