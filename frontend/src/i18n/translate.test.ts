import { expect, test } from 'vitest'
import { translate } from './translate'

const WORDS = {
  title: 'Keys',
  deep: { down: { text: 'Here' } },
  of: '{{name}} of {{ total }}, {{name}}',
  key_one: 'one key',
  key_other: '{{count}} keys',
  'dotted.key': 'never found',
}

test.each([
  ['a text', 'title', undefined, 'Keys'],
  ['a text in a group', 'deep.down.text', undefined, 'Here'],
  ['values, each time they are named', 'of', { name: 'a', total: 3 }, 'a of 3, a'],
  ['what no value was given for', 'of', { name: 'a' }, 'a of {{ total }}, a'],
  ['one', 'key', { count: 1 }, 'one key'],
  ['many', 'key', { count: 7 }, '7 keys'],
  ['none', 'key', { count: 0 }, '0 keys'],
  ['a text without plural forms', 'title', { count: 2 }, 'Keys'],
  ['a key that is not there', 'gone', undefined, 'gone'],
  ['its replacement', 'deep.gone', { defaultValue: 'as sent' }, 'as sent'],
  ['a group, which is no text', 'deep.down', undefined, 'deep.down'],
  ['what every object has', 'constructor.name', undefined, 'constructor.name'],
])('gives %s', (_, key, values, expected) => {
  expect(translate(WORDS, key, values, 'en')).toBe(expected)
})

test('nothing in a value is taken for a place to fill', () => {
  expect(translate(WORDS, 'of', { name: '{{total}} $&', total: 3 }, 'en')).toBe('{{total}} $& of 3, {{total}} $&')
})

test('chooses plural forms as the language does', () => {
  const words = { day_one: 'jour', day_other: 'jours' }

  expect(translate(words, 'day', { count: 0 }, 'fr')).toBe('jour')
  expect(translate(words, 'day', { count: 0 }, 'de')).toBe('jours')
})
