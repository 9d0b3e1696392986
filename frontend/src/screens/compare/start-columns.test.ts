import { expect, test } from 'vitest'
import { catalogOf } from '../../parts/model-picker/catalog'
import { listedOf, listingOf, modelOf } from '../../parts/model-picker/listed-builder'
import { nextModels, startColumns } from './start-columns'

const catalog = catalogOf(
  listedOf(
    [
      modelOf('local/toy'),
      modelOf('local/other'),
      modelOf('down/a'),
      modelOf('studio/cold', { state: 'not-loaded' }),
      modelOf('groq/b'),
    ],
    {
      defaults: { chat: 'local/toy', vision: null, embedding: null },
      providers: [
        listingOf('local'),
        listingOf('down', { state: 'down', error: 'gone' }),
        listingOf('studio'),
        listingOf('groq'),
      ],
    },
  ),
  0,
)

test('what was compared last is compared again', () => {
  expect(startColumns(catalog, ['groq/b', 'gone/x', 'studio/cold'])).toEqual(['groq/b', 'studio/cold'])
})

test('else the default meets a model of another provider that is ready', () => {
  expect(startColumns(catalog, [])).toEqual(['local/toy', 'groq/b'])
  expect(startColumns(catalog, ['groq/b'])).toEqual(['groq/b', 'local/toy'])
})

test('a column is added with a model that has none yet', () => {
  expect(nextModels(catalog, ['local/toy', 'groq/b'], 3)).toEqual(['local/toy', 'groq/b', 'studio/cold'])
})

test('where there is one model, there is one', () => {
  expect(startColumns(catalogOf(listedOf([modelOf('local/toy')]), 0), [])).toEqual(['local/toy'])
})
