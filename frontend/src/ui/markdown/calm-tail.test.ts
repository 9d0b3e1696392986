import { describe, expect, test } from 'vitest'
import { calmRow, calmTail } from './calm-tail'

describe('while it is written', () => {
  test.each([
    // emphasis is closed
    ['some **bold te', 'some **bold te**'],
    ['some **bold ', 'some **bold** '],
    ['some **', 'some '],
    ['some **bold*', 'some **bold**'],
    ['a *b **c', 'a *b **c***'],
    ['***both', '***both***'],
    ['~~gone', '~~gone~~'],
    ['done **bold** and', 'done **bold** and'],
    ['5 * 3 and snake_case_name', '5 * 3 and snake_case_name'],
    ['"*quoted', '"*quoted*'],
    // code
    ['run `ls -l', 'run `ls -l`'],
    ['run `', 'run '],
    ['run ``a`', 'run ``a``'],
    ['run `a*b` and', 'run `a*b` and'],
    // links and images
    ['see [the do', 'see '],
    ['see [the docs]', 'see '],
    ['see [the docs](https://exa', 'see [the docs]()'],
    ['see [the docs](https://example.com)', 'see [the docs](https://example.com)'],
    ['see [the docs][re', 'see [the docs]()'],
    ['**see [the docs](htt', '**see [the docs]()**'],
    ['an ![image](https://exa', 'an '],
    ['a note[^1', 'a note'],
    ['<https://exam', ''],
    ['1 < 2', '1 < 2'],
    ['AT&am', 'AT'],
    ['back\\', 'back'],
    // formulas
    ['so $x^2 +', 'so '],
    ['so $x^2$ is', 'so $x^2$ is'],
    ['it costs $5 and', 'it costs $5 and'],
    ['so \\(x', 'so '],
    ['$$\n\\frac{a', '$$\\cdots$$'],
    ['\\[\nx = ', '$$\\cdots$$'],
    ['text\n\n\\[ a = b \\]', 'text\n\n\\[ a = b \\]'],
    // marks that may become anything
    ['text\n-', 'text'],
    ['text\n--', 'text'],
    ['text\n===', 'text'],
    ['- one\n- ', '- one'],
    ['- one\n  -', '- one'],
    ['- [ ]', ''],
    ['1', ''],
    ['1.', ''],
    ['## ', ''],
    ['>', ''],
    ['``', ''],
    ['---', '---'],
    ['text\n\n[ref]: https://exam', 'text\n'],
    ['- one **b', '- one **b**'],
    ['first **open\n\nsecond *x', 'first **open\n\nsecond *x*'],
    // tables
    ['| Name | Va', '| Name | Va\n| - | - |'],
    ['| Name | Value |', '| Name | Value |\n| - | - |'],
    ['| Name | Value |\n|--', '| Name | Value |\n| - | - |'],
    ['| a | **b', '| a | **b**\n| - | - |'],
    ['| Name | Value |\n', '| Name | Value |\n| - | - |\n'],
    ['two **lines\n', 'two **lines**\n'],
    // code inside a list
    ['- run\n  ```py', '- run\n  ```'],
    ['- run\n  ```py\n  a = "**', '- run\n  ```py\n  a = "**'],
    ['- run\n  ```py\n  a\n  ``', '- run\n  ```py\n  a'],
  ])('%j is shown as %j', (text, shown) => {
    expect(calmTail(text)).toBe(shown)
  })

  test('what is held back is shown when no end comes', () => {
    const text = `[${'long '.repeat(100)}`

    expect(calmTail(text)).toBe(text)
  })

  test('half a row of a table', () => {
    expect(calmRow('| a |\n|---|\n|')).toBe('| a |\n|---|\n')
    expect(calmRow('| a | b |\n|---|---|\n| 1 | `co')).toBe('| a | b |\n|---|---|\n| 1 | `co`')
    expect(calmRow('| a | b |\n|---|---|\n| 1 | 2 |')).toBe('| a | b |\n|---|---|\n| 1 | 2 |')
  })
})
