import { expect, test } from 'vitest'
import { markedParts } from './marked'

test('cuts a snippet at its marks and loses nothing', () => {
  const parts = markedParts('the cable, the port', [
    [4, 9],
    [15, 19],
  ])

  expect(parts.map(({ text, isMark }) => (isMark ? `[${text}]` : text)).join('')).toBe('the [cable], the [port]')
})

test('a snippet without marks stays whole', () => {
  expect(markedParts('nothing', [])).toEqual([{ at: 0, text: 'nothing', isMark: false }])
})
