import { expect, test } from 'vitest'
import { modelOf, parameterOf } from '../model-picker/listed-builder'
import { controlsOf } from './controls'
import { changedCount, estimatedTokens, leftovers, withValue } from './values'

const model = modelOf('box/a', {
  parameters: [
    parameterOf('temperature'),
    parameterOf('top_k', { treatment: 'dropped' }),
    parameterOf('user', { type: 'string' }),
  ],
})

test('taking a value back leaves the others', () => {
  expect(withValue({ temperature: 1, seed: 3 }, 'temperature', undefined)).toEqual({ seed: 3 })
  expect(withValue({ seed: 3 }, 'temperature', 0)).toEqual({ seed: 3, temperature: 0 })
})

test('values without a control say what becomes of them', () => {
  const values = { temperature: 1, top_k: 40, user: 'ada', mirostat: 2, min_p: null }

  expect(leftovers(model, controlsOf(model), values)).toEqual([
    { name: 'mirostat', value: 2, why: 'passedOn' },
    { name: 'top_k', value: 40, why: 'notTaken' },
    { name: 'user', value: 'ada', why: 'passedOn' },
  ])
})

test.each([
  [{}, null, 0],
  [{ temperature: 0, top_k: 40, seed: null }, '  ', 1],
  [{ temperature: 0, mirostat: 2 }, 'Be brief.', 3],
])('%j and %j are %d changes', (values, systemPrompt, count) => {
  expect(changedCount(model, values, systemPrompt)).toBe(count)
})

test('before the model is known, all values count', () => {
  expect(changedCount(null, { top_k: 40 }, null)).toBe(1)
})

test.each([
  ['', 0],
  ['You are a helpful assistant.', 7],
  ['你好世界', 4],
])('%j has about %d tokens', (text, tokens) => {
  expect(estimatedTokens(text)).toBe(tokens)
})
