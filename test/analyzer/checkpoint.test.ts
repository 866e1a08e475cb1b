import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { restore, takeCheckpoint } from '../../analyzer/engine/checkpoint.ts'
import { openEngines } from '../../cli/engines.ts'
import { configOf } from './play.ts'

describe('a stored state', () => {
  it('is refused by a stream of another number of partitions, with what to do', () => {
    const [stored] = openEngines(configOf('stream: { partitions: 2 }'))
    const checkpoint = takeCheckpoint(stored, 1)
    const [other] = openEngines(configOf('stream: { partitions: 3 }'))
    assert.throws(
      () => restore(other, checkpoint),
      /of 2 stream partitions, not 3: keep "stream\.partitions: 2" or start with an empty data folder/,
    )
    restore(openEngines(configOf('stream: { partitions: 2 }'))[0], checkpoint)
  })
})
