import { act, renderHook } from '@testing-library/react'
import { expect, test, vi } from 'vitest'
import { isBoolean, isOneOf, remembered, useRemembered } from './storage'

test('gives the default until something was written, and then that', () => {
  const place = remembered('size', 'small', isOneOf('small', 'large'))

  expect(place.read()).toBe('small')
  place.write('large')
  expect(place.read()).toBe('large')
  expect(localStorage.getItem('pb.size')).toBe('large')
})

test.each(['{', '"medium"', '[]', 'null'])('gives the default for %s, which nobody can mean', (text) => {
  localStorage.setItem('pb.size', text)

  expect(remembered('size', 'small', isOneOf('small', 'large')).read()).toBe('small')
})

test('keeps what is no text, and gives the same object as long as it stays', () => {
  const isList = (value: unknown): value is string[] => Array.isArray(value)
  const place = remembered<string[]>('list', [], isList)
  place.write(['a'])

  expect(place.read()).toEqual(['a'])
  expect(place.read()).toBe(place.read())
})

test('tells every reader of a change, also of one in another tab', () => {
  const place = remembered('open', true, isBoolean)
  const { result } = renderHook(() => useRemembered(place))

  act(() => result.current[1](false))
  expect(result.current[0]).toBe(false)

  localStorage.setItem('pb.open', 'true')
  act(() => void dispatchEvent(new Event('storage')))
  expect(result.current[0]).toBe(true)
})

test('holds a choice until the page is closed where storage is switched off', () => {
  const refuse = () => {
    throw new DOMException('denied', 'SecurityError')
  }
  vi.stubGlobal('localStorage', { getItem: refuse, setItem: refuse })
  const place = remembered('open', true, isBoolean)

  place.write(false)

  expect(place.read()).toBe(false)
  vi.unstubAllGlobals()
})
