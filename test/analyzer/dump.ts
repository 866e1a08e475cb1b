import { takeCheckpoint } from '../../analyzer/engine/checkpoint.ts'
import type { Engine } from '../../analyzer/engine/engine.ts'

/**
 * All that an engine remembers, in a form that can be compared: each table's bytes in base64, each text by its number,
 * and the head of a checkpoint. Takes a checkpoint, so nothing counts as changed afterwards.
 */
export function dump(engine: Engine): Record<string, unknown> {
  const { identities, edges, foreign, credentials, connections, seasons } = engine.state
  const { identityNames, credentialKeys, texts, sources } = engine.state
  const tables = [identities, edges, foreign, credentials, connections, seasons].map(
    ({ name, u8, rows, stride, free }) => [
      name,
      { bytes: Buffer.from(u8.buffer, 0, rows * stride).toString('base64'), free: [...free] },
    ],
  )
  return {
    ...Object.fromEntries(tables),
    texts: [identityNames, credentialKeys, texts, sources].map((interner) => [...interner.texts]),
    head: JSON.parse(takeCheckpoint(engine, 0).head),
  }
}
