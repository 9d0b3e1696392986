import { expect, test } from 'vitest'
import { compactNumber, contextLength, duration, fileSize, money, wholeNumber } from './format'
import { exactTime, relativeTime } from './relative-time'

test.each([
  [0, 'en', '0 s'],
  [85, 'en', '85 ms'],
  [210, 'en', '0.21 s'],
  [210, 'de', '0,21 s'],
  [4000, 'en', '4 s'],
  [4250, 'en', '4.3 s'],
  [59_400, 'en', '59 s'],
  [200_000, 'en', '3 min 20 s'],
  [180_000, 'de', '3 min'],
  [7_500_000, 'en', '2 h 5 min'],
])('%i ms in %s are %s', (ms, language, text) => {
  expect(duration(ms, language)).toBe(text)
})

test('numbers stand as the language writes them', () => {
  expect(wholeNumber(1234567, 'en')).toBe('1,234,567')
  expect(wholeNumber(1234567, 'de')).toBe('1.234.567')
  expect(compactNumber(9999, 'en')).toBe('9,999')
  expect(compactNumber(12_345, 'en')).toBe('12.3K')
})

test.each([
  [0, '$0.00'],
  [0.0004, '$0.0004'],
  [0.12, '$0.12'],
  [34.5, '$34.50'],
])('%d dollars are %s', (usd, text) => {
  expect(money(usd, 'en')).toBe(text)
})

test('sizes have the unit that fits', () => {
  expect(fileSize(12_300, 'en')).toBe('12.3 kB')
  expect(fileSize(4_500_000, 'de')).toBe('4,5 MB')
  expect(contextLength(8192)).toBe('8k')
  expect(contextLength(131_072)).toBe('128k')
  expect(contextLength(1_000_000)).toBe('1M')
})

const NOW = new Date(2026, 10, 21, 12, 0, 0)
const ago = (seconds: number) => new Date(NOW.getTime() - seconds * 1000)

test.each([
  [3, 'now'],
  [45, '45 sec. ago'],
  [180, '3 min. ago'],
  [7200, '2 hr. ago'],
  [86_400, 'yesterday'],
  [30 * 86_400, 'Oct 22'],
  [400 * 86_400, 'Oct 17, 2025'],
])('%i seconds ago is "%s"', (seconds, text) => {
  expect(relativeTime(ago(seconds), NOW, 'en')).toBe(text)
})

test('the exact time names day and second', () => {
  expect(exactTime(NOW, 'de')).toBe('21.11.2026, 12:00:00')
})
