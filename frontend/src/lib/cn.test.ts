import { expect, test } from 'vitest'
import { cn } from './cn'

test('leaves out what is not there', () => {
  expect(cn('grid', false, null, undefined, '', 'gap-2  p-4')).toBe('grid gap-2 p-4')
})

test.each([
  ['the same property', 'px-3 text-14', 'px-2', 'text-14 px-2'],
  ['a wider one', 'px-3 py-1 pl-2', 'p-0', 'p-0'],
  ['both sides of a size', 'w-4 h-4', 'size-5', 'size-5'],
  ['a display', 'flex', 'grid', 'grid'],
  ['a display by its absence', 'grid', 'hidden', 'hidden'],
  ['a position', 'relative', 'absolute', 'absolute'],
  ['a colour of text', 'text-14 text-muted', 'text-bad', 'text-14 text-bad'],
  ['a size of text', 'text-14 text-muted', 'text-12', 'text-muted text-12'],
  ['a weight', 'font-mono font-medium', 'font-semibold', 'font-mono font-semibold'],
  ['a line’s colour', 'border border-line', 'border-bad', 'border border-bad'],
  ['a line’s width', 'border border-line', 'border-0', 'border-line border-0'],
  ['a background with its opacity', 'bg-surface-1', 'bg-bad/10', 'bg-bad/10'],
  ['a negative margin', 'mr-2', '-mr-2', '-mr-2'],
  ['a value of its own', 'w-full', 'w-[min(34rem,100vw)]', 'w-[min(34rem,100vw)]'],
  ['growing', 'grow', 'grow-0', 'grow-0'],
  ['a variant', 'hover:bg-surface-2', 'hover:bg-bad-soft', 'hover:bg-bad-soft'],
  [
    'a variant with brackets',
    'data-[state=open]:bg-surface-2',
    'data-[state=open]:bg-accent',
    'data-[state=open]:bg-accent',
  ],
])('the later word counts for %s', (_, earlier, later, expected) => {
  expect(cn(earlier, later)).toBe(expected)
})

test.each([
  ['a narrower property after a wider one', 'p-4', 'px-2'],
  ['a narrower size', 'size-4', 'w-6'],
  ['one edge of a line', 'border', 'border-t-2'],
  ['a variant beside the plain class', 'bg-surface-1', 'hover:bg-surface-2'],
  ['width beside its bounds', 'w-full', 'max-w-form'],
  ['two classes that nobody knows', 'sr-only', 'truncate'],
])('both stay: %s', (_, earlier, later) => {
  expect(cn(earlier, later)).toBe(`${earlier} ${later}`)
})
