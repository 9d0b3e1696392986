// Every word of the web UI exists in every language, is used, and takes the same values.
// Reads src/i18n/<language>/<namespace>.json and all t('…') below src. Says what is wrong and exits with 1.
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import ts from 'typescript'

const root = process.argv[2] ?? new URL('src', import.meta.url).pathname
const i18n = join(root, 'i18n')
const problems = []

const TRANSLATORS = ['useTranslation', 'wordsNow']
const PLURAL = /_(zero|one|two|few|many|other)$/

// --- What there is -----------------------------------------------------------------------------------------------

const languages = readdirSync(i18n, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name)
  .sort()

/** Texts by key: {'picker.empty.title': 'No models'}, nested objects joined with dots. */
function flat(words, path = []) {
  return Object.entries(words).flatMap(([key, value]) =>
    typeof value === 'string' ? [[[...path, key].join('.'), value]] : flat(value, [...path, key]),
  )
}

function namespacesOf(language) {
  const files = readdirSync(join(i18n, language)).filter((name) => name.endsWith('.json'))
  return new Map(
    files.map((name) => [
      name.replace('.json', ''),
      new Map(flat(JSON.parse(readFileSync(join(i18n, language, name), 'utf8')))),
    ]),
  )
}

const words = new Map(languages.map((language) => [language, namespacesOf(language)]))

/** What a text leaves open: {{names}} and <0>tags</0>. */
function openings(text) {
  const names = [...text.matchAll(/\{\{\s*(\w+)/g)].map((match) => `{{${match[1]}}}`)
  const tags = [...text.matchAll(/<(\w+)\s*\/?>/g)].map((match) => `<${match[1]}>`)
  return new Set([...names, ...tags])
}

/** Keys without their plural ending, with everything that any of their forms leaves open. */
function byKey(texts) {
  const keys = new Map()
  for (const [key, text] of texts) {
    const plain = key.replace(PLURAL, '')
    keys.set(plain, new Set([...(keys.get(plain) ?? []), ...openings(text)]))
  }
  return keys
}

for (const namespace of new Set(languages.flatMap((language) => [...words.get(language).keys()]))) {
  const keysOf = new Map(languages.map((language) => [language, byKey(words.get(language).get(namespace) ?? [])]))
  for (const key of new Set([...keysOf.values()].flatMap((keys) => [...keys.keys()]))) {
    const missing = languages.filter((language) => !keysOf.get(language).has(key))
    for (const language of missing) problems.push(`${language}/${namespace}: ${key} is missing`)
    const shapes = new Set(
      languages.filter((one) => !missing.includes(one)).map((one) => [...keysOf.get(one).get(key)].sort().join(' ')),
    )
    // A singular may leave its number out, so every form of a key counts together.
    if (shapes.size > 1) problems.push(`${namespace}: ${key} takes different values: ${[...shapes].join(' | ')}`)
  }
}
for (const language of languages) {
  for (const [namespace, texts] of words.get(language)) {
    for (const [key, text] of texts) {
      if (text.trim() === '') problems.push(`${language}/${namespace}: ${key} is empty`)
      if (/_one$/.test(key) && !texts.has(key.replace(PLURAL, '_other')))
        problems.push(`${language}/${namespace}: ${key} has no _other`)
    }
  }
}

// --- What is used ------------------------------------------------------------------------------------------------

const used = new Set()
/** The keys of each namespace, in whichever language they are: a missing one is named above. */
const known = new Map()
for (const language of languages)
  for (const [namespace, texts] of words.get(language))
    known.set(namespace, new Set([...(known.get(namespace) ?? []), ...byKey(texts).keys()]))

/** A used key, or (with `*`) all that match it. */
function mark(namespace, pattern, where) {
  const keys = known.get(namespace)
  if (keys === undefined) {
    problems.push(`${where}: there is no namespace ${namespace}`)
    return
  }
  const isPattern = pattern.includes('*')
  const expression = new RegExp(`^${pattern.split('*').map(escaped).join('.+')}$`)
  const found = isPattern ? [...keys].filter((key) => expression.test(key)) : [pattern].filter((key) => keys.has(key))
  if (found.length === 0) problems.push(`${where}: ${namespace}: ${pattern} does not exist`)
  for (const key of found) used.add(`${namespace}:${key}`)
}

const escaped = (text) => text.replace(/[.+?^${}()|[\]\\]/g, '\\$&')

/** The keys that an expression can be: literals, templates (`state.${x}` is `state.*`), choices between them. */
function keysIn(node) {
  if (ts.isStringLiteralLike(node)) return [node.text]
  if (ts.isTemplateExpression(node))
    return [node.head.text + node.templateSpans.map((span) => `*${span.literal.text}`).join('')]
  if (ts.isConditionalExpression(node)) return both(keysIn(node.whenTrue), keysIn(node.whenFalse))
  if (ts.isParenthesizedExpression(node) || ts.isAsExpression(node)) return keysIn(node.expression)
  if (ts.isArrayLiteralExpression(node)) return node.elements.map(keysIn).reduce(both, [])
  return null
}

const both = (one, other) => (one === null || other === null ? null : [...one, ...other])

/** `type Words = TFunction<'x'>` in the same file stands for what it names. */
function unaliased(type) {
  if (!type || !ts.isTypeReferenceNode(type)) return type
  const name = type.typeName.getText()
  const alias = type.getSourceFile().statements.find((one) => ts.isTypeAliasDeclaration(one) && one.name.text === name)
  return alias ? alias.type : type
}

/** The namespace that a `t` speaks of: from useTranslation('x'), wordsNow('x') or a parameter of type TFunction<'x'>. */
function namespaceOfBinding(declaration) {
  const type = unaliased(declaration.type)
  if (type && ts.isTypeReferenceNode(type) && type.typeName.getText() === 'TFunction') {
    const [argument] = type.typeArguments ?? []
    if (argument === undefined) return null
    const literal = ts.isTupleTypeNode(argument) ? argument.elements[0] : argument
    return ts.isLiteralTypeNode(literal) && ts.isStringLiteral(literal.literal) ? literal.literal.text : null
  }
  const call = declaration.initializer
  if (call && ts.isCallExpression(call) && TRANSLATORS.includes(call.expression.getText())) {
    const [argument] = call.arguments
    if (argument === undefined) return 'common'
    if (ts.isStringLiteral(argument)) return argument.text
    if (ts.isArrayLiteralExpression(argument) && ts.isStringLiteral(argument.elements[0]))
      return argument.elements[0].text
  }
  return undefined
}

/** Scopes from the inside out; each knows the translators that it declares. */
function visit(node, scopes, where) {
  const isScope = ts.isFunctionLike(node) || ts.isBlock(node) || ts.isSourceFile(node)
  const inner = isScope ? [declared(node), ...scopes] : scopes
  if (ts.isCallExpression(node)) readCall(node, inner, where)
  if (ts.isJsxSelfClosingElement(node) || ts.isJsxOpeningElement(node)) readTrans(node, inner, where)
  ts.forEachChild(node, (child) => visit(child, inner, where))
}

function declared(scope) {
  const names = new Map()
  const add = (declaration) => {
    const namespace = namespaceOfBinding(declaration)
    if (namespace === undefined) return
    if (ts.isIdentifier(declaration.name)) names.set(declaration.name.text, namespace)
    else
      for (const element of declaration.name.elements ?? [])
        if ((element.propertyName ?? element.name).getText() === 't') names.set(element.name.getText(), namespace)
  }
  if (ts.isFunctionLike(scope)) scope.parameters.forEach(add)
  else
    for (const statement of scope.statements)
      if (ts.isVariableStatement(statement)) statement.declarationList.declarations.forEach(add)
  return names
}

function readCall(node, scopes, where) {
  const callee = node.expression
  const isBare = ts.isIdentifier(callee)
  const isMethod = ts.isPropertyAccessExpression(callee) && callee.name.text === 't'
  if (!isBare && !isMethod) return
  const scope = isBare ? scopes.find((one) => one.has(callee.text)) : undefined
  const isOurs = scope !== undefined || (isMethod && /i18n(ext)?$/.test(callee.expression.getText()))
  if (!isOurs) {
    if (isBare && callee.text === 't') problems.push(`${where(node)}: whose t this is can't be told`)
    return
  }
  markAll(node.arguments[0], scope?.get(callee.text) ?? 'common', where(node))
}

function readTrans(node, scopes, where) {
  if (node.tagName.getText() !== 'Trans') return
  const attribute = (name) => node.attributes.properties.find((one) => one.name?.getText() === name)?.initializer
  const value = (given) => (given && ts.isJsxExpression(given) ? given.expression : given)
  const ns = value(attribute('ns'))
  const t = value(attribute('t'))
  const fromT = t && ts.isIdentifier(t) ? scopes.find((one) => one.has(t.text))?.get(t.text) : undefined
  const key = value(attribute('i18nKey'))
  markAll(key, ns && ts.isStringLiteralLike(ns) ? ns.text : (fromT ?? 'common'), where(node))
}

function markAll(argument, namespace, where) {
  const keys = argument && keysIn(argument)
  if (!keys) {
    problems.push(`${where}: the key can't be read; write it as a literal`)
    return
  }
  for (const key of keys) {
    const [own, rest] = key.includes(':') ? key.split(':') : [namespace, key]
    if (own === null) problems.push(`${where}: the namespace can't be told; say TFunction<'…'>`)
    else mark(own, rest, where)
  }
}

const sources = readdirSync(root, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name) && !/\.(test|gen|d)\.tsx?$/.test(entry.name))
  .map((entry) => join(entry.parentPath, entry.name))
for (const path of sources) {
  const source = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true)
  const where = (node) => `${relative(root, path)}:${source.getLineAndCharacterOfPosition(node.getStart()).line + 1}`
  visit(source, [], where)
}

for (const [namespace, keys] of known)
  for (const key of keys) if (!used.has(`${namespace}:${key}`)) problems.push(`${namespace}: ${key} is never used`)

if (problems.length > 0) {
  process.stderr.write(`${problems.sort().join('\n')}\n`)
  process.exit(1)
}
