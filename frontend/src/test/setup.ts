import '@testing-library/jest-dom/vitest'
import { cleanup, configure } from '@testing-library/react'
import { afterAll, afterEach, beforeAll } from 'vitest'
import { loadWords } from '../i18n'
import { network } from './gateway'

// English is there from the start: tests look for what people see, not for the loading of words.
const english = Object.keys(import.meta.glob('../i18n/en/*.json'))
await Promise.all(english.map((path) => loadWords(path.replace(/^.*\/(\w+)\.json$/, '$1'), 'en')))

// A busy machine takes its time; what never comes fails all the same.
configure({ asyncUtilTimeout: 5000 })

beforeAll(() => network.listen({ onUnhandledRequest: 'error' }))
afterEach(() => {
  cleanup()
  network.resetHandlers()
  localStorage.clear()
})
afterAll(() => network.close())
