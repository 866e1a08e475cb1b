import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { collect, createCollector } from '../collector/collect.ts'
import { createFeed, type Feed, positionOf, refill } from '../collector/feed.ts'
import { crl } from '../collector/parsers/crl.ts'
import type { LifecycleEvent } from '../domain/event.ts'
import type { Source } from '../domain/ports.ts'
import { rawRecord, testContext } from './raw-record.ts'
import { revocationList } from './revocation-list.ts'

/** A list with very many entries is one record: its events come in slices, so that other work gets its turn. */

const COUNT = 20_000
const LIST = revocationList(COUNT)

function sourceOf(bytes: Uint8Array): Source {
  const records = [rawRecord(bytes, 'whole')]
  const end = { source: 'list', generation: 'list-1', offset: bytes.length, line: 0 }
  return {
    name: 'list',
    ended: false,
    read: async () => (records.length === 0 ? undefined : { records: records.splice(0), end }),
    close: async () => {},
  }
}

const feedOf = (bytes: Uint8Array): Feed => createFeed(sourceOf(bytes), crl, testContext())
const unexpected = () => assert.fail('refused')

describe('a list of 20,000 entries', () => {
  it('gives its events in slices, in their order', async () => {
    const feed = feedOf(LIST)
    const seen: string[] = []
    const slices: number[] = []
    while (!feed.isDrained) {
      await refill(feed, unexpected)
      const fresh = feed.events.slice(feed.next)
      if (!feed.isDrained) slices.push(fresh.length)
      for (const [i, event] of fresh.entries()) {
        assert.equal(feed.indexes[feed.next + i], seen.length)
        seen.push((event as LifecycleEvent).credential?.id ?? '')
      }
      feed.next = feed.events.length
    }
    assert.ok(slices.length > 4 && slices.every((length) => length <= 4096), String(slices))
    assert.deepEqual(new Set(seen).size, COUNT)
    assert.deepEqual(seen.slice(0, 2), ['10000000000000000', '10000000000000001'])
    assert.deepEqual([feed.counts.records, feed.counts.events, feed.counts.rejects], [1, COUNT, 0])
  })

  it('is read from its beginning again as long as it is not all taken', async () => {
    const feed = feedOf(LIST)
    const collector = createCollector([feed], { partitions: 1, latenessMs: 0 })
    const offsets: number[] = []
    let rows = 0
    for (let round = await collect(collector); round !== undefined; round = await collect(collector)) {
      assert.ok(round.batches[0].rows <= 4097, 'other work has a turn after each slice')
      rows += round.batches[0].rows
      offsets.push(positionOf(feed).offset)
    }
    assert.ok(offsets.length > 1 && rows >= COUNT)
    assert.deepEqual(offsets, [...offsets.slice(1).map(() => 0), LIST.length])
  })

  it('is refused as a whole when its last entry is no entry', async () => {
    const broken = revocationList(COUNT, (i) => (i === COUNT - 1 ? '991399999999Z' : '261122130513Z'))
    const refused: string[] = []
    const feed = feedOf(broken)
    await refill(feed, ({ reason }) => refused.push(reason))
    assert.deepEqual([feed.events.length, refused], [0, ['invalid-crl']])
  })
})
