import { expect, test } from 'vitest'
import { answerOf, questionOf } from '../answer/answer-builder'
import { conversationOf } from './conversation-builder'
import { isBehind } from './is-behind'

const messages = [questionOf(), answerOf({ status: 'streaming', generation_id: 'g' })]

test.each([
  ['the same', { message_count: 2, running: ['g'] }, false],
  ['another tab asked', { message_count: 4, running: ['g'] }, true],
  ['the answer is finished', { message_count: 2, running: [] }, true],
  ['it was regenerated elsewhere', { message_count: 2, running: ['h'] }, true],
])('%s', (_, fields, behind) => {
  expect(isBehind(conversationOf(fields), messages)).toBe(behind)
})
