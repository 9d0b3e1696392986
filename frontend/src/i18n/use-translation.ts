import { use, useMemo, useSyncExternalStore } from 'react'
import { currentLanguage, type Language, loadWords, onLanguage, texts } from '.'

/** What a text leaves open. `count` also chooses its plural form; `defaultValue` stands for a key that is not there. */
export interface Values {
  count?: number
  defaultValue?: string
  [name: string]: string | number | undefined
}

/** The text of a key of a namespace; `other:key` is one of another namespace. The name is for the words' check. */
export type TFunction<_Namespace extends string = string> = (key: string, values?: Values) => string

interface Translation {
  t: TFunction
  /** For figures, times and plurals that are formatted by hand. */
  i18n: { language: Language }
}

/** The words of one or more namespaces, the first being meant where a key names none. Suspends until they are there. */
export function useTranslation(namespaces: string | readonly string[] = 'common'): Translation {
  const language = useSyncExternalStore(onLanguage, currentLanguage, currentLanguage)
  const names = typeof namespaces === 'string' ? namespaces : namespaces.join()
  // Always, also for words that are there: React wants to be asked again about what it waited for.
  for (const name of names.split(',')) use(loadWords(name))

  return useMemo(() => {
    const [first = 'common'] = names.split(',')
    const fixed = texts.getFixedT(language, first)
    const t: TFunction = (key, values) => fixed(key, values ?? {})
    return { t, i18n: { language } }
  }, [names, language])
}
