import { describe, expect, test } from 'vitest'
import { modelOf, parameterOf } from '../model-picker/listed-builder'
import { controlsOf, numberProblem, type RangeControl } from './controls'

function controlOf(name: string, fields: Parameters<typeof parameterOf>[1], model: Parameters<typeof modelOf>[1] = {}) {
  const controls = controlsOf(modelOf('box/a', { ...model, parameters: [parameterOf(name, fields)] }))
  return [...controls.main, ...controls.further][0]
}

describe('a declared parameter becomes', () => {
  test('a range where both bounds are known', () => {
    expect(controlOf('temperature', { minimum: 0, maximum: 2, default: 1 })).toEqual({
      kind: 'range',
      name: 'temperature',
      fallback: 1,
      min: 0,
      max: 2,
      from: 0,
      step: 0.05,
      whole: false,
      geometric: false,
    })
  })

  test('a number where a bound is open', () => {
    expect(controlOf('seed', { type: 'integer' })).toEqual({
      kind: 'number',
      name: 'seed',
      fallback: null,
      min: null,
      max: null,
      whole: true,
    })
  })

  test.each([
    ['boolean', 'switch'],
    ['string', 'text'],
    ['object', 'json'],
    ['array', 'json'],
    ['any', 'json'],
  ])('%s: a %s', (type, kind) => {
    expect(controlOf('mirostat', { type })?.kind).toBe(kind)
  })

  test('a choice of what the model allows', () => {
    const choices = ['low', 'medium', 'high']

    expect(controlOf('reasoning_effort', { type: 'string', choices, default: 'medium' })).toEqual({
      kind: 'choice',
      name: 'reasoning_effort',
      fallback: 'medium',
      choices,
    })
  })

  test('a list of at most as many stops as the model takes', () => {
    expect(controlOf('stop', { type: 'stop', maximum: 4 })).toMatchObject({ kind: 'list', max: 4 })
  })
})

describe('the limit of an answer', () => {
  const limit = { type: 'integer', minimum: 1 }

  test.each([
    ['100 to 4,000 where nobody says more', {}, 100, 4000],
    ["up to the model's own limit", { max_output_tokens: 65_536, max_context_length: 131_072 }, 100, 65_536],
    ['what is loaded, not what could be', { max_context_length: 32_768, loaded_context_length: 8192 }, 100, 8192],
    ['small where the model is', { max_context_length: 64 }, 1, 64],
  ])('is %s', (_, model, from, max) => {
    expect(controlOf('max_tokens', limit, model)).toMatchObject({ kind: 'range', min: 1, from, max, whole: true })
  })

  test('has one control under its older name, whichever is sent', () => {
    const names = (...parameters: Parameters<typeof parameterOf>[]) =>
      controlsOf(modelOf('box/a', { parameters: parameters.map((one) => parameterOf(...one)) })).main.map(
        (control) => control.name,
      )

    expect(names(['max_tokens', { treatment: 'renamed' }], ['max_completion_tokens', {}])).toEqual(['max_tokens'])
    expect(names(['max_tokens', { treatment: 'dropped' }], ['max_completion_tokens', {}])).toEqual([
      'max_completion_tokens',
    ])
  })
})

test('only what the model takes is there, the useful first, the unknown apart', () => {
  const controls = controlsOf(
    modelOf('box/a', {
      parameters: [
        parameterOf('zeta'),
        parameterOf('top_p', { treatment: 'renamed' }),
        parameterOf('n'),
        parameterOf('top_k', { treatment: 'dropped' }),
        parameterOf('min_p', { treatment: 'refused' }),
        parameterOf('temperature'),
        parameterOf('alpha'),
      ],
    }),
  )

  expect(controls.main.map((control) => control.name)).toEqual(['temperature', 'top_p'])
  expect(controls.further.map((control) => control.name)).toEqual(['alpha', 'zeta'])
})

test.each([
  [0.5, null],
  [-0.1, 'tooSmall'],
  [2.1, 'tooLarge'],
  [Number.NaN, 'notANumber'],
])('a temperature of %d is %s', (value, problem) => {
  const temperature = controlOf('temperature', { minimum: 0, maximum: 2 }) as RangeControl

  expect(numberProblem(temperature, value)).toBe(problem)
})

test('a seed is a whole number', () => {
  const seed = controlOf('seed', { type: 'integer' }) as RangeControl

  expect([1.5, 2 ** 60, -7].map((value) => numberProblem(seed, value))).toEqual(['notWhole', 'notWhole', null])
})
