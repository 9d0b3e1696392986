import { expect, test } from 'vitest'
import { isApple, isShortcut, keyNames } from './platform'

test.each([
  ['MacIntel', true],
  ['iPhone', true],
  ['Win32', false],
  ['Linux x86_64', false],
])('%s is Apple’s: %s', (platform, apple) => {
  expect(isApple(platform)).toBe(apple)
})

test('names keys as people know them', () => {
  expect(keyNames('mod+shift+k', true)).toBe('⌘ ⇧ K')
  expect(keyNames('mod+shift+k', false)).toBe('Ctrl Shift K')
  expect(keyNames('alt+enter', false)).toBe('Alt Enter')
})

const pressed = (key: string, modifiers: KeyboardEventInit = {}) => new KeyboardEvent('keydown', { key, ...modifiers })

test.each([
  ['mod+k', pressed('k', { ctrlKey: true }), false, true],
  ['mod+k', pressed('K', { ctrlKey: true }), false, true],
  ['mod+k', pressed('k', { metaKey: true }), true, true],
  ['mod+k', pressed('k', { ctrlKey: true }), true, false],
  ['mod+k', pressed('k'), false, false],
  ['mod+k', pressed('k', { ctrlKey: true, shiftKey: true }), false, false],
  ['mod+k', pressed('k', { ctrlKey: true, altKey: true }), false, false],
  ['mod+shift+o', pressed('O', { ctrlKey: true, shiftKey: true }), false, true],
  ['?', pressed('?', { shiftKey: true }), false, true],
  ['?', pressed('?'), false, true],
] as const)('%s is meant by this press', (shortcut, event, apple, meant) => {
  expect(isShortcut(event, shortcut, apple)).toBe(meant)
})
