// The scripts that ./patchbay check runs over this folder, each shown something wrong.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'checks-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

function write(path: string, content: string | object): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  writeFileSync(join(folder, path), typeof content === 'string' ? content : JSON.stringify(content))
}

/** Exit status, and what was complained about. */
function run(script: string): [number | null, string[]] {
  const done = spawnSync(process.execPath, [resolve(script), folder], { encoding: 'utf8' })
  return [done.status, done.stderr.split('\n').filter((line) => line !== '')]
}

const SCREEN = `
  export function Screen({ state }: { state: string }) {
    const { t } = useTranslation('keys')
    return <p title={t('title', { name })}>{t(state ? 'on' : 'off')} {t(\`states.\${state}\`)} {t('key', { count })}</p>
  }`
const ENGLISH = {
  title: '{{name}}’s keys',
  on: 'on',
  off: 'off',
  states: { old: 'old' },
  key_one: 'one key',
  key_other: '{{count}} keys',
}
const GERMAN = {
  title: 'Schlüssel von {{name}}',
  on: 'an',
  off: 'aus',
  states: { old: 'alt' },
  key_one: 'ein Schlüssel',
  key_other: '{{count}} Schlüssel',
}

test('words that are complete and used pass', () => {
  write('screens/keys/keys-screen.tsx', SCREEN)
  write('i18n/en/keys.json', ENGLISH)
  write('i18n/de/keys.json', GERMAN)

  expect(run('check-words.mjs')).toEqual([0, []])
})

test('words that are missing, unused, unknown, empty or take other values are named', () => {
  write('screens/keys/keys-screen.tsx', SCREEN.replace("'off'", "'away'"))
  write('i18n/en/keys.json', { ...ENGLISH, extra: 'more' })
  write('i18n/de/keys.json', { ...GERMAN, title: 'Schlüssel von {{user}}', extra: 'mehr', on: undefined, off: ' ' })

  expect(run('check-words.mjs')).toEqual([
    1,
    [
      'de/keys: off is empty',
      'de/keys: on is missing',
      'keys: extra is never used',
      'keys: off is never used',
      'keys: title takes different values: {{user}} | {{name}}',
      'screens/keys/keys-screen.tsx:4: keys: away does not exist',
    ],
  ])
})

test('words that nobody can look up are named', () => {
  write('i18n/en/keys.json', {})
  write('i18n/de/keys.json', {})
  write('lib/a.ts', "export const a = (t: TFunction<'keys'>, key: string) => t(key)")
  write('lib/b.ts', "export const b = () => t('title')")
  write('lib/c.ts', "type T = TFunction<'gone'>\nexport const c = (t: T) => t('title')")

  expect(run('check-words.mjs')).toEqual([
    1,
    [
      'lib/a.ts:1: the key can’t be read; write it as a literal'.replace('’', "'"),
      "lib/b.ts:1: whose t this is can't be told",
      'lib/c.ts:2: there is no namespace gone',
    ],
  ])
})

test('imports that point down pass', () => {
  write('main.tsx', "import './app/app'")
  write('app/app.tsx', "const screen = () => import('../screens/chat/chat-screen')")
  write('screens/chat/chat-screen.tsx', "import './composer'\nimport '../../parts/a/b'\nimport 'react'")
  write('ui/button.test.tsx', "import '../test/render'")

  expect(run('check-imports.mjs')).toEqual([0, []])
})

test('imports that point up or aside are named', () => {
  write('screens/chat/chat-screen.tsx', "import '../keys/keys-screen'\nimport '../../app/router'")
  write('ui/button.tsx', "export { gateway } from '../api/client'\nimport '../test/render'")
  write('lib/cn.ts', "const late = () => import('../i18n')")

  expect(run('check-imports.mjs')).toEqual([
    1,
    [
      'lib/cn.ts imports i18n: lib may not import i18n',
      'screens/chat/chat-screen.tsx imports app/router: screens may not import app',
      'screens/chat/chat-screen.tsx imports screens/keys/keys-screen: a screen imports another screen',
      'ui/button.tsx imports api/client: ui may not import api',
      'ui/button.tsx imports test/render: only tests import what is for tests',
    ],
  ])
})

test('a first load above the limit is refused, with its biggest files', () => {
  const noise = Array.from({ length: 60_000 }, () => Math.random().toString(36)).join()
  write('.vite/manifest.json', {
    'index.html': { file: 'index.js', imports: ['_shared.js'] },
    '_shared.js': { file: 'shared.js' },
    'src/screens/chat/chat-screen.tsx': { file: 'chat.js', imports: ['_shared.js'] },
    'src/screens/usage/usage-screen.tsx': { file: 'usage.js' },
  })
  write('index.js', 'void 0')
  write('shared.js', 'void 0')
  write('chat.js', 'void 0')
  write('usage.js', noise)

  expect(run('check-size.mjs')).toEqual([0, []])

  write('shared.js', noise)
  const [status, lines] = run('check-size.mjs')

  expect(status).toBe(1)
  expect(lines.slice(0, 3).map((line) => line.split('kB  ')[1])).toEqual(['shared.js', 'index.js', 'chat.js'])
})
