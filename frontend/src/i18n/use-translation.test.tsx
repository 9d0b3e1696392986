import { act, render, screen } from '@testing-library/react'
import { Suspense } from 'react'
import { afterEach, expect, test } from 'vitest'
import { chooseLanguage, loadWords, startWords } from '.'
import { useTranslation } from './use-translation'
import { wordsNow } from './words-now'

afterEach(() => act(() => chooseLanguage('en')))

function Words() {
  const { t, i18n } = useTranslation(['signIn', 'common'])
  return (
    <p>
      {t('title')} · {t('common:cancel')} · {i18n.language}
    </p>
  )
}

test('all that is in sight changes with the language, and the page says which it is', async () => {
  render(<Words />)
  expect(screen.getByText('Sign in to Patchbay · Cancel · en')).toBeVisible()

  await act(() => chooseLanguage('de'))

  expect(screen.getByText(/Abbrechen · de/)).toBeVisible()
  expect(document.documentElement.lang).toBe('de')
  expect(wordsNow('common')('cancel')).toBe('Abbrechen')
})

test('the chosen language is there again the next time', async () => {
  await act(() => chooseLanguage('de'))
  document.documentElement.lang = ''

  await act(() => startWords())

  expect(document.documentElement.lang).toBe('de')
})

test('waits for words that are on their way', async () => {
  await act(() => chooseLanguage('de'))
  await loadWords('signIn')
  await act(async () => {
    render(
      <Suspense fallback="waiting">
        <Words />
      </Suspense>,
    )
  })

  expect(await screen.findByText(/· de$/)).toBeVisible()
})

test('a namespace that does not exist is a mistake of ours', () => {
  expect(() => loadWords('nothing')).toThrow('There are no words')
})
