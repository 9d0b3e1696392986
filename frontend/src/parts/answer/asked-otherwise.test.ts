import { expect, test } from 'vitest'
import { askedOtherwise } from './asked-otherwise'

test.each([
  ['groq/llama', 'groq/llama', null],
  ['openai/gpt-oss', 'groq/openai/gpt-oss', null],
  ['fast', 'groq/llama', 'fast'],
  ['groq/llama', 'lmstudio/llama', 'groq/llama'],
  ['groq/llama', null, null],
  [null, 'groq/llama', null],
])('asked for %s, answered by %s: says %s', (model_asked, model, said) => {
  expect(askedOtherwise({ model_asked, model })).toBe(said)
})
