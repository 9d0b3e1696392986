// Words in the reader's language. A namespace, one per screen or part, is loaded when something of it is shown.
import i18next, { type ResourceKey } from 'i18next'
import { isOneOf, remembered } from '../lib/storage'

export const LANGUAGES = { en: 'English', de: 'Deutsch' } as const
export type Language = keyof typeof LANGUAGES

/** The sidebar's words are needed at once, whatever screen is open. */
const NEEDED = ['common', 'sidebar', 'conversations']

const place = remembered<Language | ''>('language', '', isOneOf('', 'en', 'de'))
const files = import.meta.glob<ResourceKey>('./*/*.json', { import: 'default' })
/** The texts that are loaded. React escapes what it shows, and each text is there before it is shown. */
export const texts = i18next.createInstance()
void texts.init({
  lng: 'en',
  fallbackLng: false,
  resources: {},
  initAsync: false,
  interpolation: { escapeValue: false },
})
const loading = new Map<string, Promise<void>>()
const listeners = new Set<() => void>()
let language: Language = 'en'

export function currentLanguage(): Language {
  return language
}

export function onLanguage(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** Resolves when the namespace is there; always the same promise for the same words. */
export function loadWords(namespace: string, of: Language = language): Promise<void> {
  const path = `./${of}/${namespace}.json`
  const before = loading.get(path)
  if (before !== undefined) return before
  const load = files[path]
  if (load === undefined) throw new Error(`There are no words ${of}/${namespace}.`)
  const now = load().then(
    (words) => {
      texts.addResourceBundle(of, namespace, words)
    },
    (error: unknown) => {
      loading.delete(path)
      throw error
    },
  )
  // React reads this: words that are there are shown without suspending first.
  now.then(
    () => Object.assign(now, { status: 'fulfilled', value: undefined }),
    () => null,
  )
  loading.set(path, now)
  return now
}

/** Loads what is needed at first, in the chosen language or else the first of the browser's that there is. */
export async function startWords(): Promise<void> {
  const wanted = [place.read(), ...navigator.languages.map((one) => one.slice(0, 2))]
  await change(wanted.find((one): one is Language => one in LANGUAGES) ?? 'en', NEEDED)
}

export async function chooseLanguage(chosen: Language): Promise<void> {
  place.write(chosen)
  // All that is in sight changes at once.
  await change(chosen, namespacesIn(language))
}

async function change(next: Language, namespaces: string[]): Promise<void> {
  await Promise.all(namespaces.map((namespace) => loadWords(namespace, next)))
  language = next
  document.documentElement.lang = next
  for (const listener of listeners) listener()
}

function namespacesIn(of: Language): string[] {
  return Object.keys(texts.getDataByLanguage(of) ?? {})
}
