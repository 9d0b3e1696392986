import { expect, test } from 'vitest'
import { answerOf, questionOf } from '../../parts/answer/answer-builder'
import { estimatedHeight } from './estimated-height'

test('grows by the lines that a text takes', () => {
  const short = estimatedHeight(answerOf({ content: 'word' }), 736)
  const wrapped = estimatedHeight(answerOf({ content: 'word '.repeat(60) }), 736)
  const listed = estimatedHeight(answerOf({ content: '- one\n- two\n- three' }), 736)

  expect(wrapped - short).toBe(3 * 26)
  expect(listed - short).toBe(2 * 26)
})

test('is higher on a narrow column', () => {
  const message = answerOf({ content: 'word '.repeat(300) })

  expect(estimatedHeight(message, 340)).toBeGreaterThan(1.8 * estimatedHeight(message, 736))
})

test('leaves room for pictures', () => {
  const picture = { ...questionOf(), images: [{ id: 'i' } as never] }

  expect(estimatedHeight(picture, 736) - estimatedHeight(questionOf(), 736)).toBe(176)
})
