import { expect, test } from 'vitest'
import { attachability } from './attachable'

test.each([
  ['photo.jpg', 'image/jpeg', 'image'],
  ['drawing.svg', 'image/svg+xml', 'file'],
  ['notes.md', '', 'file'],
  ['main.rs', '', 'file'],
  ['report.pdf', 'application/pdf', 'file'],
  ['data.json', 'application/json', 'file'],
  ['letter.docx', 'application/vnd.openxmlformats-officedocument.wordprocessingml.document', 'unreadable'],
  ['song.mp3', 'audio/mpeg', 'unreadable'],
  ['backup.tar.gz', '', 'unreadable'],
])('%s (%s) is %s', (name, type, expected) => {
  expect(attachability({ name, type, size: 1000 })).toBe(expected)
})

test('a text over 32 MB is too large, a picture is made smaller', () => {
  const size = 40 * 1024 * 1024

  expect(attachability({ name: 'log.txt', type: 'text/plain', size })).toBe('tooLarge')
  expect(attachability({ name: 'photo.png', type: 'image/png', size })).toBe('image')
})
