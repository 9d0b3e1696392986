import { describe, expect, test } from 'vitest'
import { catalogOf, loadingTimes, nextLookMs } from './catalog'
import { listedOf, listingOf, modelOf } from './listed-builder'

const NOON = Date.parse('2026-11-21T12:00:00Z')

function sourceOf(listing: Parameters<typeof listingOf>[1]) {
  const told = { name: 'Box', cable: 3, since: '2026-11-21T11:57:00Z' }
  return catalogOf(listedOf([], { providers: [listingOf('box', { ...told, ...listing })] }), NOON).sources[0]
}

describe('a provider', () => {
  test('that answered is well', () => {
    expect(sourceOf({ age_s: 4 })).toEqual({
      slug: 'box',
      name: 'Box',
      cable: 3,
      isDefault: false,
      state: 'ok',
      since: NOON - 180_000,
      listedAt: NOON - 4000,
      problem: null,
    })
  })

  test.each([
    ['asking', { state: 'unknown', age_s: null }],
    ['down', { state: 'down', age_s: null, error: 'nothing listens there' }],
    ['stale', { state: 'down', age_s: 300, error: 'nothing listens there' }],
    ['failing', { state: 'degraded', age_s: 300, error: 'its key was refused' }],
  ] as const)('is %s', (state, listing) => {
    expect(sourceOf(listing)?.state).toBe(state)
  })
})

describe('what can be chosen', () => {
  test('leaves out what makes no chats', () => {
    const listed = listedOf([
      modelOf('box/chat'),
      modelOf('box/vectors', { type: 'embeddings', capabilities: ['embedding'] }),
      modelOf('box/whisper', { capabilities: [] }),
    ])

    expect(catalogOf(listed, NOON).entries.map((entry) => entry.id)).toEqual(['box/chat'])
  })

  test('has the aliases of what can be chosen', () => {
    const aliases = [
      { name: 'quick', model: 'box/a' },
      { name: 'vectors', model: 'box/gone' },
    ]

    const { byId, entries } = catalogOf(listedOf([modelOf('box/a')], { aliases }), NOON)

    expect(entries.map((entry) => [entry.id, entry.isAlias])).toEqual([
      ['quick', true],
      ['box/a', false],
    ])
    expect(byId.get('quick')?.model.id).toBe('box/a')
  })

  test('knows what answers where nothing is chosen', () => {
    const defaults = { chat: 'box/b', vision: null, embedding: null }

    const { fallback, entries } = catalogOf(listedOf([modelOf('box/a'), modelOf('box/b')], { defaults }), NOON)

    expect(fallback?.id).toBe('box/b')
    expect(entries.filter((entry) => entry.isDefault).map((entry) => entry.id)).toEqual(['box/b'])
  })

  test('has no default where it is not listed', () => {
    const defaults = { chat: 'gone/b', vision: null, embedding: null }

    expect(catalogOf(listedOf([modelOf('box/a')], { defaults }), NOON).fallback).toBeNull()
  })

  test('shows models of a provider that is gone as unreachable, whatever its last list said', () => {
    const listed = listedOf([modelOf('box/a', { state: 'loaded' })], {
      providers: [listingOf('box', { state: 'down', age_s: 60, error: 'gone' })],
    })

    expect(catalogOf(listed, NOON).entries[0]?.state).toBe('down')
  })
})

test('looks again sooner while something is about to change', () => {
  const quiet = listedOf([modelOf('box/a')])
  const loading = listedOf([modelOf('box/a', { state: 'loading' })])
  const asking = listedOf([], { providers: [listingOf('box', { state: 'unknown', age_s: null })] })

  expect([quiet, loading, asking].map((listed) => nextLookMs(listed, 15_000))).toEqual([15_000, 2000, 1000])
})

test('a model loads since it was seen loading first', () => {
  const idle = listedOf([modelOf('box/a')])
  const loading = listedOf([modelOf('box/a', { state: 'loading' })])
  const first = loadingTimes(new Map(), loading, 1000)

  expect(catalogOf(loading, 4000, loadingTimes(first, loading, 4000)).entries[0]?.loadingSince).toBe(1000)
  expect(loadingTimes(first, idle, 5000).size).toBe(0)
})
