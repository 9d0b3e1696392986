// What a browser remembers for its user. Everything here has a default: storage may be switched off or hold nonsense.
import { useSyncExternalStore } from 'react'

const PREFIX = 'pb.'
const listeners = new Set<() => void>()

export interface Remembered<Value> {
  key: string
  /** The stored value, or the default where it is missing or not accepted. */
  read(): Value
  write(value: Value): void
}

/** One remembered value. `accepts` guards against what older versions or people wrote there. */
export function remembered<Value>(
  key: string,
  fallback: Value,
  accepts: (value: unknown) => value is Value,
): Remembered<Value> {
  let cached: { text: string | null; value: Value } | null = null
  return {
    key,
    read() {
      const text = stored(PREFIX + key)
      // The same text is the same object, so that readers can compare.
      if (cached === null || cached.text !== text) cached = { text, value: parsed(text, fallback, accepts) }
      return cached.value
    },
    write(value) {
      try {
        localStorage.setItem(PREFIX + key, typeof value === 'string' ? value : JSON.stringify(value))
      } catch {
        // Storage is switched off or full: the choice holds until the page is closed.
        cached = { text: stored(PREFIX + key), value }
      }
      for (const listener of listeners) listener()
    },
  }
}

/** The value, as it changes here and in other tabs. */
export function useRemembered<Value>(place: Remembered<Value>): [Value, (value: Value) => void] {
  return [useSyncExternalStore(subscribe, place.read), place.write]
}

export function isOneOf<const Choice extends string>(...choices: readonly Choice[]) {
  return (value: unknown): value is Choice => choices.includes(value as Choice)
}

export function isBoolean(value: unknown): value is boolean {
  return typeof value === 'boolean'
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  addEventListener('storage', listener)
  return () => {
    listeners.delete(listener)
    removeEventListener('storage', listener)
  }
}

function stored(key: string): string | null {
  try {
    return localStorage.getItem(key)
  } catch {
    return null
  }
}

function parsed<Value>(text: string | null, fallback: Value, accepts: (value: unknown) => value is Value): Value {
  if (text === null) return fallback
  if (accepts(text)) return text
  try {
    const value: unknown = JSON.parse(text)
    return accepts(value) ? value : fallback
  } catch {
    return fallback
  }
}
