import { expect, test } from 'vitest'
import { daysInWords } from './weekdays'

test('three days in a row and more are a range', () => {
  expect(daysInWords([1, 2, 3, 4, 5], 'en')).toBe('Mon–Fri')
  expect(daysInWords([7, 1, 2, 3], 'en')).toBe('Mon–Wed, Sun')
  expect(daysInWords([5, 6, 1], 'en')).toBe('Mon, Fri, Sat')
})
