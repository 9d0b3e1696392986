import { readFileSync } from 'node:fs'
import { render, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { describe, expect, test, vi } from 'vitest'
import german from '../../i18n/de/ladder.json'
import english from '../../i18n/en/ladder.json'
import { Ladder } from './ladder'
import { reportOf } from './provider-builder'

/** Everything that the gateway can find, from where it is listed. */
function diagnoses(): string[] {
  const source = readFileSync('../app/providers/ladder/report.py', 'utf8')
  const listed = /class Diagnosis\(StrEnum\):(.*?)\n\n\n/s.exec(source)?.[1] ?? ''
  return [...listed.matchAll(/^ {4}[A-Z0-9_]+ = "(\w+)"$/gm)].map(([, name]) => name ?? '')
}

describe('each diagnosis has a title', () => {
  test.each(diagnoses())('%s', (diagnosis) => {
    render(<Ladder busy={false} report={reportOf({ diagnosis })} />)

    const title = english.diagnosis[diagnosis as keyof typeof english.diagnosis]
    expect(screen.getByText(title)).toBeVisible()
  })

  test('in every language, and none is left from before', () => {
    expect(Object.keys(english.diagnosis).sort()).toEqual(diagnoses().sort())
    expect(Object.keys(german.diagnosis).sort()).toEqual(diagnoses().sort())
  })
})

test('the steps say how far it came, with the gateway’s own words', () => {
  const report = reportOf({
    ok: false,
    diagnosis: 'key_refused',
    message: 'https://models.example refused the key with 401.',
    steps: [
      { step: 'http', ok: true, ms: 12, detail: '' },
      { step: 'auth', ok: false, ms: 1800, detail: '401 Unauthorized' },
    ],
  })
  render(<Ladder busy={false} report={report} />)

  const [http, auth] = screen.getAllByRole('listitem')
  expect(http).toHaveTextContent('HTTP12 ms')
  expect(http).toContainElement(screen.getByLabelText('Passed'))
  expect(auth).toHaveTextContent('Key1.8 s')
  expect(auth).toContainElement(screen.getByLabelText('Stopped here'))
  expect(auth).toHaveAttribute('title', '401 Unauthorized')
  expect(screen.getByText('The key is refused')).toBeVisible()
  expect(screen.getByText('https://models.example refused the key with 401.')).toHaveAttribute('lang', 'en')
})

test('a repair is offered and taken', async () => {
  const onRepair = vi.fn()
  const report = reportOf({
    ok: false,
    diagnosis: 'missing_v1',
    repair: { base_url: 'https://models.example/v1' },
  })
  const { rerender } = render(<Ladder busy={false} report={report} onRepair={onRepair} />)
  expect(screen.getByText('https://models.example/v1')).toBeVisible()

  await userEvent.click(screen.getByRole('button', { name: 'Use that' }))
  expect(onRepair.mock.calls).toEqual([['https://models.example/v1']])

  // Nobody is offered what nobody takes.
  rerender(<Ladder busy={false} report={report} />)
  expect(screen.queryByRole('button')).toBeNull()
  rerender(<Ladder busy={false} report={{ ...report, repair: null }} onRepair={onRepair} />)
  expect(screen.queryByRole('button')).toBeNull()
})

test('while it climbs, that is said instead of the test before', () => {
  const { rerender, container } = render(<Ladder busy report={reportOf()} />)
  expect(screen.getByRole('status')).toHaveTextContent('Testing the connection…')
  expect(screen.queryByText('It answers.')).toBeNull()

  rerender(<Ladder busy={false} report={undefined} />)
  expect(container).toBeEmptyDOMElement()
})
