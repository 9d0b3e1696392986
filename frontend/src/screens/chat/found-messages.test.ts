import { expect, test } from 'vitest'
import { answerOf } from '../../parts/answer/answer-builder'
import { foundMessages, placesOf } from './found-messages'

const messages = [
  answerOf({ id: 'a', content: 'Grüne Kabel' }),
  answerOf({ id: 'b', content: 'a red CABLE' }),
  answerOf({ id: 'c', content: 'kabelgrun' }),
]

test.each([
  ['kabel', ['a', 'c']],
  ['GRUN', ['a', 'c']],
  ['grün', ['a', 'c']],
  ['red cable', ['b']],
  ['  ', []],
])('%j is found in %j', (words, ids) => {
  expect(foundMessages(messages, words)).toEqual(ids)
})

test('places count the text’s own units', () => {
  expect(placesOf('Ein Käse, kein KÄSE', 'kase')).toEqual([
    [4, 8],
    [15, 19],
  ])
  expect(placesOf('e\u0301te\u0301', 'ete')).toEqual([[0, 5]])
  expect(placesOf('👍 ok', 'ok')).toEqual([[3, 5]])
  expect(placesOf('text', '')).toEqual([])
})
