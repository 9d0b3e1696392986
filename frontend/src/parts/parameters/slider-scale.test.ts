import { expect, test } from 'vitest'
import type { RangeControl } from './controls'
import { sliderScale } from './slider-scale'

function range(fields: Partial<RangeControl>): RangeControl {
  return {
    kind: 'range',
    name: 'any',
    fallback: null,
    min: 0,
    max: 2,
    from: 0,
    step: 0.05,
    whole: false,
    geometric: false,
    ...fields,
  }
}

test('equal steps give values without binary dust', () => {
  const scale = sliderScale(range({}))

  expect([0, 3, 14, scale.last].map(scale.valueAt)).toEqual([0, 0.15, 0.7, 2])
  expect([0, 0.7, 2, 99].map(scale.positionOf)).toEqual([0, 14, 40, 40])
})

test('steps of a hundredth keep both digits', () => {
  expect(sliderScale(range({ max: 1, step: 0.01 })).valueAt(29)).toBe(0.29)
})

test('factors reach both ends and give round values between', () => {
  const scale = sliderScale(range({ min: 1, from: 100, max: 131_072, step: 1, whole: true, geometric: true }))

  expect([0, 50, 100, 150, scale.last].map(scale.valueAt)).toEqual([100, 600, 3600, 22_000, 131_072])
  expect([1, 100, 3600, 131_072].map(scale.positionOf)).toEqual([0, 0, 100, 200])
})

test('every position leads back to itself or its neighbour', () => {
  const scale = sliderScale(range({ min: 1, from: 100, max: 65_536, step: 1, whole: true, geometric: true }))

  for (let position = 0; position <= scale.last; position++) {
    expect(Math.abs(scale.positionOf(scale.valueAt(position)) - position)).toBeLessThanOrEqual(2)
  }
})
