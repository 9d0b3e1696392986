// From a key to its text: nested keys, plural forms, values.

/** A language file: texts, in groups. */
export interface Words {
  [key: string]: string | Words
}

/** What a text leaves open. `count` also chooses its plural form; `defaultValue` stands for a key that is not there. */
export interface Values {
  count?: number
  defaultValue?: string
  [name: string]: string | number | undefined
}

/** The text of a key with its values; the key itself where there is none, which the words' check does not let happen. */
export function translate(words: Words | undefined, key: string, values: Values | undefined, language: string): string {
  const text = (values?.count !== undefined && plural(words, key, values.count, language)) || textAt(words, key)
  if (text === undefined) return values?.defaultValue ?? key
  if (values === undefined) return text
  return text.replace(/\{\{\s*(\w+)\s*\}\}/g, (whole, name: string) => String(values[name] ?? whole))
}

function plural(words: Words | undefined, key: string, count: number, language: string): string | undefined {
  const form = new Intl.PluralRules(language).select(count)
  return textAt(words, `${key}_${form}`) ?? textAt(words, `${key}_other`)
}

function textAt(words: Words | undefined, key: string): string | undefined {
  let found: string | Words | undefined = words
  for (const part of key.split('.')) {
    if (typeof found !== 'object') return undefined
    found = Object.hasOwn(found, part) ? found[part] : undefined
  }
  return typeof found === 'string' ? found : undefined
}
