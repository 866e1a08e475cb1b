import type { Stage } from '../stage.ts'

/** Severity info is context: it is there to be read, never sent. */
export const notableSeverity: Stage = {
  name: 'notable-severity',
  pass: (notification) =>
    notification.incident.severity === 'info' ? { dropped: 'severity-info' } : { notification },
}
