import { describe, expect, test } from 'vitest'
import { answerOf } from '../answer/answer-builder'
import { activePath, activeWithout, newestLeaf, siblingsOf, subtreeIds, treeOf } from './tree'

// 1 ─┬─ 2 ─── 4
//    └─ 3 ─┬─ 5
//          └─ 6
const messages = [
  ['1', null],
  ['2', '1'],
  ['3', '1'],
  ['4', '2'],
  ['5', '3'],
  ['6', '3'],
].map(([id, parent_id]) => answerOf({ id: id ?? '', parent_id: parent_id ?? null }))
const tree = treeOf(messages)

function ids(path: readonly { id: string }[]): string[] {
  return path.map((message) => message.id)
}

function message(id: string) {
  const found = tree.byId.get(id)
  if (found === undefined) throw new Error(`no message ${id}`)
  return found
}

describe('the active path', () => {
  test('leads from the first message to the active one', () => {
    expect(ids(activePath(tree, '4'))).toEqual(['1', '2', '4'])
  })

  test('may end before a leaf', () => {
    expect(ids(activePath(tree, '3'))).toEqual(['1', '3'])
  })

  test.each([null, 'removed'])('follows the newest branch when %s is active', (active) => {
    expect(ids(activePath(tree, active))).toEqual(['1', '3', '6'])
  })

  test('of an empty conversation is empty', () => {
    expect(activePath(treeOf([]), null)).toEqual([])
  })
})

describe('branches', () => {
  test('are counted among messages with the same parent, oldest first', () => {
    expect(ids(siblingsOf(tree, message('2')))).toEqual(['2', '3'])
    expect(ids(siblingsOf(tree, message('4')))).toEqual(['4'])
  })

  test('lead to their newest leaf', () => {
    expect(newestLeaf(tree, '2')?.id).toBe('4')
    expect(newestLeaf(tree, '3')?.id).toBe('6')
    expect(newestLeaf(tree, '5')?.id).toBe('5')
  })

  test('of several first messages are siblings too', () => {
    const roots = treeOf([answerOf({ id: 'a', parent_id: null }), answerOf({ id: 'b', parent_id: null })])

    expect(ids(siblingsOf(roots, answerOf({ id: 'b', parent_id: null })))).toEqual(['a', 'b'])
    expect(newestLeaf(roots, null)?.id).toBe('b')
  })

  test('take everything below them along', () => {
    expect(subtreeIds(tree, '3')).toEqual(['3', '5', '6'])
  })

  test('whose parent is gone stand on their own', () => {
    const rest = treeOf(messages.filter(({ id }) => id !== '1'))

    expect(ids(activePath(rest, '4'))).toEqual(['2', '4'])
    expect(ids(siblingsOf(rest, message('3')))).toEqual(['2', '3'])
  })
})

test.each([
  ['3', '4'],
  ['2', '6'],
  ['6', '5'],
  ['4', '2'],
  ['1', null],
])('without %s, %s is shown', (removed, shown) => {
  expect(activeWithout(tree, message(removed))).toBe(shown)
})
