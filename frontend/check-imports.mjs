// Imports point down: main ─▶ app ─▶ screens ─▶ parts ─▶ api | ui ─▶ i18n ─▶ lib. A screen never imports another one.
// Tests may import anything; nothing but tests imports src/test. Says what is wrong and exits with 1.
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import ts from 'typescript'

const root = resolve(process.argv[2] ?? new URL('src', import.meta.url).pathname)

const MAY_IMPORT = {
  main: ['app', 'screens', 'parts', 'api', 'ui', 'i18n', 'lib'],
  app: ['app', 'screens', 'parts', 'api', 'ui', 'i18n', 'lib'],
  screens: ['parts', 'api', 'ui', 'i18n', 'lib'],
  parts: ['parts', 'api', 'ui', 'i18n', 'lib'],
  api: ['api', 'i18n', 'lib'],
  ui: ['ui', 'i18n', 'lib'],
  i18n: ['i18n', 'lib'],
  lib: ['lib'],
}

const layerOf = (path) => path.split('/')[0].replace(/\.tsx?$/, '')
const screenOf = (path) => path.split('/')[1]

function complaint(from, to) {
  const [upper, lower] = [layerOf(from), layerOf(to)]
  if (upper === 'screens' && lower === 'screens')
    return screenOf(from) === screenOf(to) ? null : 'a screen imports another screen'
  if (!(upper in MAY_IMPORT)) return `there is no layer ${upper}`
  return MAY_IMPORT[upper].includes(lower) ? null : `${upper} may not import ${lower}`
}

const problems = []
const paths = readdirSync(root, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
  .map((entry) => relative(root, join(entry.parentPath, entry.name)))
// Builders and fakes stand beside what they are for.
const isForTests = (path) => path.startsWith('test/') || /\.test\.tsx?$|-builder\.tsx?$|(^|\/)fake-[^/]+$/.test(path)

for (const path of paths.filter((one) => !isForTests(one))) {
  const { importedFiles } = ts.preProcessFile(readFileSync(join(root, path), 'utf8'), true, true)
  for (const { fileName } of importedFiles.filter((one) => one.fileName.startsWith('.'))) {
    const to = relative(root, resolve(root, dirname(path), fileName))
    const problem = isForTests(to) ? 'only tests import what is for tests' : complaint(path, to)
    if (problem !== null) problems.push(`${path} imports ${to}: ${problem}`)
  }
}

if (problems.length > 0) {
  process.stderr.write(`${problems.sort().join('\n')}\n`)
  process.exit(1)
}
