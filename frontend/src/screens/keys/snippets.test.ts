import { expect, test } from 'vitest'
import { curlSnippet, javascriptSnippet, pythonSnippet } from './snippets'

const CALL = { gateway: 'https://ai.example/tools', key: 'pb-abc', model: "lm/it's" }

test('curl’s body survives the shell, quotes and all', () => {
  expect(curlSnippet(CALL)).toBe(
    [
      'curl -s https://ai.example/tools/v1/chat/completions \\',
      "  -H 'Authorization: Bearer pb-abc' \\",
      "  -H 'Content-Type: application/json' \\",
      '  -d \'{"model":"lm/it\'\\\'\'s","messages":[{"role":"user","content":"Hello"}]}\'',
    ].join('\n'),
  )
})

test('the SDKs get address, key and model as literals', () => {
  expect(pythonSnippet(CALL)).toContain('OpenAI(base_url="https://ai.example/tools/v1", api_key="pb-abc")')
  expect(javascriptSnippet(CALL)).toContain('model: "lm/it\'s",')
})
