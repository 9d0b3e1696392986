import { describe, expect, test } from 'vitest'
import type { ListedModels } from '../../api/models'
import { catalogOf } from './catalog'
import { listedOf, listingOf, modelOf } from './listed-builder'
import { matchesOf, type Section, sectionsOf } from './sections'

const NOTHING = { pinned: [], recent: [] }

function catalog(listed: ListedModels) {
  return catalogOf(listed, 0)
}

function shown(sections: Section[]) {
  return sections.map((section) => [section.key, section.entries.map((entry) => entry.id)])
}

describe('without a search', () => {
  test('pinned and recent come first, recent ones without those pinned, at most three', () => {
    const models = ['a', 'b', 'c', 'd', 'e'].map((name) => modelOf(`box/${name}`))

    const sections = sectionsOf(catalog(listedOf(models)), {
      pinned: ['box/b', 'gone/x'],
      recent: ['box/e', 'box/b', 'box/d', 'box/c', 'box/a'],
    })

    expect(shown(sections)).toEqual([
      ['pinned', ['box/b']],
      ['recent', ['box/e', 'box/d', 'box/c']],
      ['provider_box', ['box/a', 'box/b', 'box/c', 'box/d', 'box/e']],
    ])
  })

  test('aliases have a section of their own', () => {
    const listed = listedOf([modelOf('box/a')], { aliases: [{ name: 'quick', model: 'box/a' }] })

    expect(shown(sectionsOf(catalog(listed), NOTHING))).toEqual([
      ['aliases', ['quick']],
      ['provider_box', ['box/a']],
    ])
  })

  test('the default provider is first, those that are gone are last, and one without models keeps its place', () => {
    const listed = listedOf([modelOf('down/a'), modelOf('other/b'), modelOf('main/c')], {
      providers: [
        listingOf('down', { state: 'down', age_s: 9, error: 'gone' }),
        listingOf('other'),
        listingOf('empty'),
        listingOf('main', { is_default: true }),
      ],
    })

    expect(shown(sectionsOf(catalog(listed), NOTHING))).toEqual([
      ['provider_main', ['main/c']],
      ['provider_other', ['other/b']],
      ['provider_empty', []],
      ['provider_down', ['down/a']],
    ])
  })
})

describe('a search', () => {
  const many = catalog(
    listedOf(
      [
        modelOf('groq/openai/gpt-oss-120b'),
        modelOf('groq/qwen/qwen3-32b'),
        modelOf('lmstudio/qwen3-8b'),
        modelOf('lmstudio/deepseek-r1-distill-qwen3'),
      ],
      { providers: [listingOf('groq', { name: 'Groq' }), listingOf('lmstudio', { name: 'LM Studio' })] },
    ),
  )

  test('puts names that begin with it first, whatever their provider', () => {
    expect(shown(matchesOf(many, NOTHING, 'qwen3'))).toEqual([
      ['provider_lmstudio', ['lmstudio/qwen3-8b', 'lmstudio/deepseek-r1-distill-qwen3']],
      ['provider_groq', ['groq/qwen/qwen3-32b']],
    ])
  })

  test('needs all words, in any order, of name, id and provider', () => {
    expect(shown(matchesOf(many, NOTHING, 'studio QWEN'))[0]).toEqual([
      'provider_lmstudio',
      ['lmstudio/qwen3-8b', 'lmstudio/deepseek-r1-distill-qwen3'],
    ])
    expect(matchesOf(many, NOTHING, 'groq llama')).toEqual([])
  })

  test('prefers, of equals, what was chosen before', () => {
    const equals = catalog(listedOf([modelOf('box/a-1'), modelOf('box/a-2')]))

    expect(shown(matchesOf(equals, { pinned: [], recent: ['box/a-2'] }, 'a'))).toEqual([
      ['provider_box', ['box/a-2', 'box/a-1']],
    ])
  })

  test('finds aliases, and letters with marks', () => {
    const listed = listedOf([modelOf('box/a', { name: 'Müller' })], { aliases: [{ name: 'quick', model: 'box/a' }] })

    expect(shown(matchesOf(catalog(listed), NOTHING, 'quick'))).toEqual([['aliases', ['quick']]])
    expect(shown(matchesOf(catalog(listed), NOTHING, 'muller'))).toEqual([['provider_box', ['box/a']]])
  })

  test('stays quick with a thousand models', () => {
    const thousand = catalog(listedOf(Array.from({ length: 1000 }, (_, index) => modelOf(`box/vendor/model-${index}`))))
    const began = performance.now()

    expect(matchesOf(thousand, NOTHING, 'model 999')[0]?.entries).toHaveLength(1)
    expect(performance.now() - began).toBeLessThan(50)
  })
})
