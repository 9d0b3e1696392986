import { beforeEach, expect, test } from 'vitest'
import { rememberedModels, withChosen, withPinToggled } from './remembered'

beforeEach(() => localStorage.clear())

const nothing = { pinned: [], recent: [] }

test('what was stored comes back', () => {
  rememberedModels.write({ pinned: ['a/b'], recent: ['c/d'] })

  expect(rememberedModels.read()).toEqual({ pinned: ['a/b'], recent: ['c/d'] })
})

test.each(['{', 'null', '[]', '{"pinned": 3}', '{"pinned": [], "recent": [1, "a"]}'])('%s is survived', (text) => {
  localStorage.setItem('pb.models', text)

  expect(rememberedModels.read()).toEqual(nothing)
})

test('the newest choice comes first, each once, the oldest are forgotten', () => {
  const chosen = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '5'].reduce(withChosen, nothing)

  expect(chosen.recent).toEqual(['5', '9', '8', '7', '6', '4', '3', '2'])
})

test('a pin goes in and out', () => {
  const pinned = withPinToggled(withPinToggled(nothing, 'a'), 'b')

  expect(pinned.pinned).toEqual(['a', 'b'])
  expect(withPinToggled(pinned, 'a').pinned).toEqual(['b'])
})
