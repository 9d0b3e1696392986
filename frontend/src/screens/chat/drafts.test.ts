import { beforeEach, expect, test } from 'vitest'
import type { Attachment } from '../../api/conversation-types'
import { draftsOf, dropOldDrafts } from './drafts'

beforeEach(() => localStorage.clear())

function text(words: string) {
  return { text: words, attachments: [] }
}

test('keeps one draft per person and conversation', () => {
  draftsOf('ada', localStorage).write('c1', text('half a thou'))

  expect(draftsOf('ada', localStorage).read('c1')).toEqual(text('half a thou'))
  expect(draftsOf('ada', localStorage).read('c2')).toEqual(text(''))
  expect(draftsOf('bob', localStorage).read('c1')).toEqual(text(''))
})

test('leaves nothing behind when the draft is emptied', () => {
  const drafts = draftsOf('ada', localStorage)
  drafts.write('c1', text('half'))

  drafts.write('c1', text(''))

  expect(localStorage).toHaveLength(0)
})

test('drops what nobody touched for a month and what it cannot read', () => {
  const day = 24 * 3600 * 1000
  draftsOf('ada', localStorage, () => 0).write('old', text('x'))
  draftsOf('ada', localStorage, () => 20 * day).write('young', text('y'))
  localStorage.setItem('pb.draft.ada.broken', '{')
  localStorage.setItem('pb.theme', 'dark')

  dropOldDrafts(localStorage, 31 * day)

  expect(Object.keys(localStorage).sort()).toEqual(['pb.draft.ada.young', 'pb.theme'])
})

test('goes on without drafts when the browser has no room', () => {
  const full = Object.assign(Object.create(localStorage), {
    getItem: () => null,
    setItem: () => {
      throw new DOMException('full', 'QuotaExceededError')
    },
  }) as Storage

  expect(() => draftsOf('ada', full).write('c1', text('text'))).not.toThrow()
})

test('keeps attachments as long as the gateway has them', () => {
  const hour = 3600 * 1000
  const attachments = [{ id: 'a' } as Attachment]
  draftsOf('ada', localStorage, () => 0).write('c1', { text: 'see', attachments })

  expect(draftsOf('ada', localStorage, () => 19 * hour).read('c1')).toEqual({ text: 'see', attachments })
  expect(draftsOf('ada', localStorage, () => 21 * hour).read('c1')).toEqual(text('see'))
})
