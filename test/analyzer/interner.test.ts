import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import {
  bind,
  createInterner,
  idOf,
  loadTexts,
  lowestFree,
  takeChangedTexts,
  textOf,
  unbind,
} from '../../analyzer/engine/interner.ts'

describe('an interner', () => {
  it('knows the number of a text and the text of a number until it is forgotten', () => {
    const interner = createInterner()
    bind(interner, 'a', 3)
    assert.equal(idOf(interner, 'a'), 3)
    assert.equal(textOf(interner, 3), 'a')
    unbind(interner, 3)
    unbind(interner, 3)
    assert.equal(idOf(interner, 'a'), -1)
    assert.equal(textOf(interner, 3), '')
    bind(interner, '__proto__', 3)
    assert.equal(idOf(interner, '__proto__'), 3)
    assert.equal(idOf(interner, 'constructor'), -1)
  })

  it('gives the lowest number that is free, also after loading', () => {
    const interner = createInterner()
    for (const [id, text] of ['a', 'b', 'c', 'd'].entries()) bind(interner, text, id)
    assert.equal(lowestFree(interner), 4)
    for (const id of [1, 2, 3]) unbind(interner, id)
    bind(interner, 'e', 2)
    const loaded = createInterner()
    for (const [page, json] of takeChangedTexts(interner)) loadTexts(loaded, page, json)
    assert.deepEqual([lowestFree(interner), lowestFree(loaded)], [1, 1])
  })

  it('is the same when the pages that changed are loaded again, in whatever steps they were stored', () => {
    const step = fc.record({ id: fc.nat({ max: 700 }), text: fc.string(), store: fc.boolean() })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const interner = createInterner()
        const pages = new Map<number, string>()
        for (const { id, text, store } of steps) {
          const known = idOf(interner, text)
          if (known >= 0) unbind(interner, known)
          unbind(interner, id)
          bind(interner, text, id)
          if (store) for (const [page, json] of takeChangedTexts(interner)) pages.set(page, json)
        }
        for (const [page, json] of takeChangedTexts(interner)) pages.set(page, json)
        assert.deepEqual([...takeChangedTexts(interner)], [])
        const loaded = createInterner()
        for (const [page, json] of pages) loadTexts(loaded, page, json)
        assert.deepEqual([...loaded.ids].sort(), [...interner.ids].sort())
        for (const [text, id] of interner.ids) assert.equal(textOf(loaded, id), text)
        assert.equal(loaded.changed.size, 0)
      }),
    )
  })
})
