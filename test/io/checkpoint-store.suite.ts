import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Checkpoint, CheckpointStore, JointCheckpointStore } from '../../domain/ports.ts'

const checkpoint = (sequence: number, pages: Record<string, string>): Checkpoint => ({
  sequence,
  head: `head ${sequence}`,
  pages: new Map(Object.entries(pages).map(([key, text]) => [key, Buffer.from(text)])),
})

const change = (partition: number, epoch: number, changed: Checkpoint) => ({ partition, epoch, changed })

const plain = (stored: Checkpoint | undefined) =>
  stored && {
    sequence: stored.sequence,
    head: stored.head,
    pages: Object.fromEntries([...stored.pages].map(([key, bytes]) => [key, Buffer.from(bytes).toString()])),
  }

/**
 * What every implementation promises.
 * @param again another user of the place where this one stores
 */
export function checkpointStoreSuite<Store extends CheckpointStore>(
  name: string,
  open: () => Promise<Store>,
  again: (store: Store) => Promise<Store>,
): void {
  test(`${name}: a partition that was never saved has no checkpoint`, async () => {
    const store = await open()
    assert.deepEqual(await store.claim(0), { epoch: 1, checkpoint: undefined })
    assert.deepEqual(await store.claim(0), { epoch: 2, checkpoint: undefined })
  })

  test(`${name}: a claim gives the newest of every page`, async () => {
    const store = await open()
    const { epoch } = await store.claim(3)
    assert.equal(await store.save(change(3, epoch, checkpoint(1, { a: 'a1', b: 'b1' }))), 'saved')
    assert.equal(await store.save(change(3, epoch, checkpoint(2, { b: 'b2', c: '' }))), 'saved')
    const claim = await store.claim(3)
    assert.equal(claim.epoch, epoch + 1)
    const pages = { a: 'a1', b: 'b2', c: '' }
    assert.deepEqual(plain(claim.checkpoint), { sequence: 2, head: 'head 2', pages })
  })

  test(`${name}: partitions do not see each other`, async () => {
    const store = await open()
    const one = await store.claim(1)
    await store.claim(2)
    await store.save(change(1, one.epoch, checkpoint(1, { a: 'of one' })))
    assert.equal((await store.claim(2)).checkpoint, undefined)
  })

  test(`${name}: who was there before the last claim is fenced, whatever was stored since`, async () => {
    const store = await open()
    const others = await again(store)
    const { epoch } = await store.claim(0)
    assert.equal(await store.save(change(0, epoch, checkpoint(1, { a: 'mine' }))), 'saved')
    const { epoch: newer } = await others.claim(0)
    assert.equal(await store.save(change(0, epoch, checkpoint(2, { a: 'late' }))), 'fenced')
    assert.equal(await others.save(change(0, newer, checkpoint(2, { b: 'theirs' }))), 'saved')
    assert.equal(await store.save(change(0, epoch, checkpoint(3, { a: 'later' }))), 'fenced')
    const { checkpoint: stored } = await store.claim(0)
    assert.deepEqual(plain(stored), { sequence: 2, head: 'head 2', pages: { a: 'mine', b: 'theirs' } })
  })

  const table = [
    { situation: 'the next sequence', epochs: 0, sequence: 3, answer: 'saved', writes: true },
    { situation: 'the stored sequence again', epochs: 0, sequence: 2, answer: 'saved', writes: false },
    { situation: 'an older sequence', epochs: 0, sequence: 1, answer: 'fenced', writes: false },
    { situation: 'a sequence left out', epochs: 0, sequence: 4, answer: 'fenced', writes: false },
    { situation: 'an older epoch', epochs: -1, sequence: 3, answer: 'fenced', writes: false },
    {
      situation: 'an older epoch with the stored sequence',
      epochs: -1,
      sequence: 2,
      answer: 'fenced',
      writes: false,
    },
    { situation: 'an epoch never given', epochs: 1, sequence: 3, answer: 'fenced', writes: false },
  ] as const

  for (const { situation, epochs, sequence, answer, writes } of table) {
    test(`${name}: ${situation} is ${answer}, ${writes ? 'written' : 'not written'}`, async () => {
      const store = await open()
      await store.claim(0)
      const { epoch } = await store.claim(0)
      await store.save(change(0, epoch, checkpoint(1, { a: 'first' })))
      await store.save(change(0, epoch, checkpoint(2, { a: 'second' })))
      assert.equal(await store.save(change(0, epoch + epochs, checkpoint(sequence, { a: 'third' }))), answer)
      const { checkpoint: stored } = await store.claim(0)
      const expected = writes ? checkpoint(3, { a: 'third' }) : checkpoint(2, { a: 'second' })
      assert.deepEqual(plain(stored), plain(expected))
    })
  }

  test(`${name}: a partition that nobody claimed takes nothing`, async () => {
    const store = await open()
    assert.equal(await store.save(change(7, 1, checkpoint(1, { a: 'a' }))), 'fenced')
    assert.equal((await store.claim(7)).checkpoint, undefined)
  })
}

/** What an implementation promises that can write several partitions as one change. */
export function jointCheckpointSuite(name: string, open: () => Promise<JointCheckpointStore>): void {
  test(`${name}: several partitions are written together or not at all`, async () => {
    const store = await open()
    const epochs = [(await store.claim(0)).epoch, (await store.claim(1)).epoch]
    const both = (sequence: number, a: string) =>
      epochs.map((epoch, partition) => ({ partition, epoch, changed: checkpoint(sequence, { a }) }))
    assert.equal(await store.saveAll(both(1, 'first')), 'saved')
    await store.claim(1)
    assert.equal(await store.saveAll(both(2, 'second')), 'fenced')
    for (const partition of [0, 1])
      assert.deepEqual(plain((await store.claim(partition)).checkpoint), plain(checkpoint(1, { a: 'first' })))
  })
}
