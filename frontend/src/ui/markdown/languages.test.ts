import { expect, test } from 'vitest'
import { partsOf, runsOf } from './code-colours'
import { common, rare } from './grammars'
import { highlight } from './highlight'
import { LANGUAGES, languageOf } from './languages'

test('every language has a grammar, and the other way round', () => {
  expect(Object.keys({ ...common, ...rare }).sort()).toEqual(Object.keys(LANGUAGES).sort())
})

test.each([
  ['py', 'python', 'Python'],
  ['C++', 'cpp', 'C++'],
  ['{.python}', 'python', 'Python'],
  ['ts,ignore', 'typescript', 'TypeScript'],
  ['html', 'xml', 'HTML'],
  ['brainwave', null, 'brainwave'],
  ['text', null, ''],
  ['', null, ''],
  ['constructor', null, 'constructor'],
  ['__proto__', null, '__proto__'],
])('a fence of %s is %s, called %s', (written, id, name) => {
  expect(languageOf(written)).toEqual({ id, name })
})

test('code comes back whole, in runs of one colour, line by line', async () => {
  const code = 'def f(x):\n    """Says <b> & "hi"."""\n    return f"{x}" # 1\n'
  const tokens = await highlight(code, 'python')
  const parts = partsOf(code, 2)

  const runs = runsOf(parts, tokens ?? [])

  expect(parts).toEqual(['def f(x):\n    """Says <b> & "hi"."""\n', '    return f"{x}" # 1\n'])
  expect(runs.map((part) => part.map((run) => run.text).join(''))).toEqual(parts)
  expect(runs[0]?.slice(0, 3)).toEqual([
    { colour: 'keyword', text: 'def' },
    { colour: '', text: ' ' },
    { colour: 'title', text: 'f' },
  ])
})

test('a rare language is loaded when it is asked for, an unknown one stays plain', async () => {
  expect(await highlight('let x = 1;;', 'ocaml')).toContainEqual({ scope: 'hljs-keyword', length: 3 })
  expect(await highlight('x', 'brainwave')).toBeNull()
})
