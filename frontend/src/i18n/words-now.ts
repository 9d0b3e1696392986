import { currentLanguage, wordsOf } from '.'
import { translate, type Values } from './translate'

/** The same as `useTranslation` outside of components, in the language of this moment, for words that are loaded. */
export function wordsNow(namespace: string): (key: string, values?: Values) => string {
  return (key, values) => translate(wordsOf(namespace), key, values, currentLanguage())
}
