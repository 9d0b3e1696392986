import { expect, test } from 'vitest'
import type { Preset } from '../../api/providers'
import { changesOf, draftOf, losesKey, stateOfPreset } from './form-state'

const LM_STUDIO: Preset = {
  id: 'lmstudio',
  label: 'LM Studio',
  provider: 'lmstudio',
  base_url: 'http://localhost:1234/v1',
  needs_key: false,
  help: '',
  docs_url: '',
}

test('a preset fills in name, kind and address', () => {
  const draft = draftOf(stateOfPreset(LM_STUDIO), true)

  expect([draft.provider, draft.name, draft.base_url, draft.scope]).toEqual([
    'lmstudio',
    'LM Studio',
    'http://localhost:1234/v1',
    'shared',
  ])
})

test('an address that was found wins over the preset’s', () => {
  expect(stateOfPreset(LM_STUDIO, 'http://10.0.0.7:1234/v1').baseUrl).toBe('http://10.0.0.7:1234/v1')
})

test('only what was changed is sent', () => {
  const before = stateOfPreset(LM_STUDIO)

  expect(changesOf(before, before)).toEqual({})
  expect(changesOf(before, { ...before, temperature: '0.5', apiKey: ' sk-1 ' })).toEqual({
    temperature: 0.5,
    api_key: 'sk-1',
  })
  expect(changesOf(before, { ...before, removesKey: true })).toEqual({ api_key: null })
})

test('another server loses the key, another path does not', () => {
  const before = stateOfPreset(LM_STUDIO)

  expect(losesKey(before, { ...before, baseUrl: 'http://localhost:1234/api/v1' })).toBe(false)
  expect(losesKey(before, { ...before, baseUrl: 'http://localhost:1235/v1' })).toBe(true)
  expect(losesKey(before, { ...before, baseUrl: 'http://localhost:1235/v1', apiKey: 'sk-2' })).toBe(false)
})
