import { currentLanguage, texts } from '.'
import type { TFunction } from './use-translation'

/** The same as `useTranslation` outside of components, in the language of this moment, for words that are loaded. */
export function wordsNow(namespace: string): TFunction {
  return (key, values) => texts.getFixedT(currentLanguage(), namespace)(key, values ?? {})
}
