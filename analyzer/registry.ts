import type { Detector } from './detector.ts'
import { newEdge } from './detectors/new-edge.ts'
import { revokedCredential } from './detectors/revoked-credential.ts'
import { volume } from './detectors/volume.ts'

/** Every detector. One line each: the file, its fixtures and its page follow from the name. */
export const detectors: readonly Detector[] = [newEdge, revokedCredential, volume]
