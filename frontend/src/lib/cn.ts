// Joins class names so that a caller's word counts: of two classes that set the same property, the later one stays.
// Knows the classes that this web UI uses; a general library would be 8 kB of every first load.

export type ClassValue = string | false | null | undefined

/** Class names, the later of two that contradict each other winning. */
export function cn(...values: ClassValue[]): string {
  const kept: string[] = []
  const set = new Set<string>()
  for (const name of values.filter(Boolean).join(' ').split(/\s+/).reverse()) {
    if (name === '') continue
    const [variants, base] = apart(name)
    const property = propertyOf(base)
    if (property !== null && [property, ...(WIDER[property] ?? [])].some((one) => set.has(variants + one))) continue
    if (property !== null) set.add(variants + property)
    kept.push(name)
  }
  return kept.reverse().join(' ')
}

/** ["hover:sm:", "px-2"]; a colon inside brackets is part of the class. */
function apart(name: string): [variants: string, base: string] {
  const end = name.replace(/\[[^\]]*\]|\([^)]*\)/g, (inside) => '_'.repeat(inside.length)).lastIndexOf(':') + 1
  return [name.slice(0, end), name.slice(end).replace(/^-/, '')]
}

/** These say nothing about a property that one of these set already. */
const WIDER: Record<string, string[]> = {
  px: ['p'],
  py: ['p'],
  pt: ['p', 'py'],
  pb: ['p', 'py'],
  pl: ['p', 'px'],
  pr: ['p', 'px'],
  mx: ['m'],
  my: ['m'],
  mt: ['m', 'my'],
  mb: ['m', 'my'],
  ml: ['m', 'mx'],
  mr: ['m', 'mx'],
  w: ['size'],
  h: ['size'],
  'gap-x': ['gap'],
  'gap-y': ['gap'],
  'inset-x': ['inset'],
  'inset-y': ['inset'],
  top: ['inset', 'inset-y'],
  bottom: ['inset', 'inset-y'],
  left: ['inset', 'inset-x'],
  right: ['inset', 'inset-x'],
  'overflow-x': ['overflow'],
  'overflow-y': ['overflow'],
  'rounded-t': ['rounded'],
  'rounded-b': ['rounded'],
  'rounded-l': ['rounded'],
  'rounded-r': ['rounded'],
  'border-x': ['border'],
  'border-y': ['border'],
  'border-t': ['border', 'border-y'],
  'border-b': ['border', 'border-y'],
  'border-l': ['border', 'border-x'],
  'border-r': ['border', 'border-x'],
}

const WORDS: Record<string, string> = {
  display: 'block inline-block inline inline-flex grid inline-grid contents hidden table flow-root',
  position: 'static relative absolute fixed sticky',
  visibility: 'visible invisible',
  'font-style': 'italic not-italic',
  'text-align': 'text-left text-center text-right text-start text-end',
  'text-wrap': 'text-wrap text-nowrap text-balance text-pretty',
  'text-size': 'text-12 text-13 text-14 text-16 text-20 text-28',
  'font-family': 'font-sans font-mono',
  'flex-direction': 'flex-row flex-col flex-row-reverse flex-col-reverse',
  'flex-wrap': 'flex-wrap flex-nowrap',
  decoration: 'underline no-underline line-through',
}
const BY_WORD = new Map(
  Object.entries(WORDS).flatMap(([property, words]) => words.split(' ').map((word) => [word, property] as const)),
)

const PREFIXES =
  /^(p[xytrbl]?|m[xytrbl]?|size|w|h|min-w|min-h|max-w|max-h|gap-x|gap-y|gap|inset-x|inset-y|inset|top|right|bottom|left|z|opacity|shadow|justify-self|justify|items|self|place-items|overflow-x|overflow-y|overflow|leading|tracking|cursor|animate|order|grid-cols|grid-rows|col|row|rounded-[tblr]|rounded|bg|fill|stroke|translate-x|translate-y|rotate|scale|duration|outline-offset|select|whitespace|pointer-events|align|line-clamp)-/

/** What a class sets; null where nothing is known to contradict it. */
function propertyOf(base: string): string | null {
  const word = BY_WORD.get(base)
  if (word !== undefined) return word
  if (base === 'flex') return 'display'
  if (base.startsWith('flex-')) return 'flex'
  if (base.startsWith('text-')) return 'text-colour'
  if (base.startsWith('font-')) return 'font-weight'
  const [, shrink] = /^(shrink|grow)(-|$)/.exec(base) ?? []
  if (shrink !== undefined) return shrink
  const [, side = '', rest] = /^border(-[trblxy](?=-|$))?(?:-(.+))?$/.exec(base) ?? []
  if (base.startsWith('border')) return rest === undefined || /^\d/.test(rest) ? `border${side}` : `line-colour${side}`
  return PREFIXES.exec(base)?.[1] ?? null
}
