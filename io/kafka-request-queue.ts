import { createRequire } from 'node:module'

interface RequestQueue {
  readonly pending: readonly unknown[]
  scheduleCheckPendingRequests(): void
}

let isMended = false

/**
 * kafkajs 2.2.4 looks for waiting requests again and again, each time after a negative number of milliseconds: a timer
 * that fires a thousand times a second for each connection, and a `TimeoutNegativeWarning` of Node. Looking is only
 * needed while a request waits (tulios/kafkajs#1751).
 */
export function mendRequestQueue(): void {
  if (isMended) return
  isMended = true
  const require = createRequire(import.meta.url)
  const { prototype } = require('kafkajs/src/network/requestQueue/index.js') as { prototype: RequestQueue }
  const schedule = prototype.scheduleCheckPendingRequests
  prototype.scheduleCheckPendingRequests = function (this: RequestQueue) {
    if (this.pending.length > 0) schedule.call(this)
  }
}
