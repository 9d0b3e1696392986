import { expect, test } from 'vitest'
import { answerOf, questionOf } from '../../parts/answer/answer-builder'
import { treeOf } from '../../parts/conversation/tree'
import { turnsOf } from './turns'

const q1 = questionOf({ id: 'q1' })
const a1 = answerOf({ id: 'a1', parent_id: 'q1' })
const b1 = answerOf({ id: 'b1', parent_id: 'q1' })
const qa2 = questionOf({ id: 'qa2', parent_id: 'a1' })
const qb2 = questionOf({ id: 'qb2', parent_id: 'b1' })
const a2 = answerOf({ id: 'a2', parent_id: 'qa2' })
const b2 = answerOf({ id: 'b2', parent_id: 'qb2' })

function shown(columns: (string | null)[]) {
  const tree = treeOf([q1, a1, b1, qa2, qb2, a2, b2])
  const turns = turnsOf(
    tree,
    columns.map((message_id) => ({ model: 'm', message_id })),
  )
  return turns.map((turn) => [turn.question.id, turn.answers.map((answer) => answer?.id ?? null)])
}

test('the first question is shared, later ones stand for those of all columns', () => {
  expect(shown(['a2', 'b2'])).toEqual([
    ['q1', ['a1', 'b1']],
    ['qa2', ['a2', 'b2']],
  ])
})

test('a column that is behind leaves its place empty', () => {
  expect(shown(['b1', 'a2', null])).toEqual([
    ['q1', ['b1', 'a1', null]],
    ['qa2', [null, 'a2', null]],
  ])
})

test('nothing was asked yet', () => {
  expect(shown([null, null])).toEqual([])
  expect(shown(['gone', null])).toEqual([])
})
