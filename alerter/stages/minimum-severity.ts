import { SEVERITIES } from '../../domain/finding.ts'
import type { Stage } from '../stage.ts'

/** Each endpoint says from which severity on it wants to hear. */
export const minimumSeverity: Stage = {
  name: 'minimum-severity',
  pass: (notification, { endpoint }) =>
    SEVERITIES.indexOf(notification.incident.severity) < SEVERITIES.indexOf(endpoint.minimumSeverity)
      ? { dropped: 'below-minimum-severity' }
      : { notification },
}
