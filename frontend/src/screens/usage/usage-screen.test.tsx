import { screen, waitFor, within } from '@testing-library/react'
import { HttpResponse, http } from 'msw'
import { beforeEach, expect, test, vi } from 'vitest'
import { figuresOf, groupOf, pointOf, recordOf } from '../../api/usage-builder'
import { providerOf } from '../../parts/ladder/provider-builder'
import { catchDownloads } from '../../test/downloads'
import { administrator, answers, atPath, network, page, refuses, somebody } from '../../test/gateway'
import { type Rendered, renderApp } from '../../test/render'

const SUMMARY = '/api/v1/usage/summary'
const SERIES = '/api/v1/usage/series'
const REQUESTS = '/api/v1/usage/requests'
const CSV = '/api/v1/usage/export.csv'
const DAY_MS = 24 * 60 * 60 * 1000

const NOW = figuresOf({
  requests: 1200,
  total_tokens: 48_000,
  cost_usd: 3.5,
  unpriced_attempts: 2,
  first_token_ms: { p50: 200, p95: 900, p99: 1500 },
})
const BEFORE = figuresOf({ requests: 1000, total_tokens: 96_000, first_token_ms: { p50: 200, p95: 600, p99: 900 } })
const STUDIO = groupOf('studio', { requests: 200, total_tokens: 9000, failed_requests: 7 })
const GROQ = groupOf('groq', { label: 'groq', requests: 1000, total_tokens: 39_000, failed_requests: 1 })

// The chart draws nothing where there is no room, and here nothing has a size.
beforeEach(() => {
  const room = vi.spyOn(HTMLElement.prototype, 'getBoundingClientRect').mockReturnValue(new DOMRect(0, 0, 800, 320))
  return () => room.mockRestore()
})

/** A gateway with figures of the last days and of the days before. */
function gateway() {
  const summaries = answers('get', SUMMARY, ({ url }) => {
    const isNow = Date.parse(url.searchParams.get('to') ?? '') > Date.now() - DAY_MS
    return { ...(isNow ? NOW : BEFORE), groups: url.searchParams.has('group_by') ? [STUDIO, GROQ] : [] }
  })
  const series = answers('get', SERIES, {
    from: '2026-11-20T00:00:00Z',
    to: '2026-11-22T00:00:00Z',
    group_by: 'provider',
    interval: 'day',
    series: [
      {
        key: 'studio',
        label: 'studio',
        points: [
          pointOf('2026-11-20T00:00:00Z', { requests: 150, failed_requests: 7 }),
          pointOf('2026-11-21T00:00:00Z', { requests: 50 }),
        ],
      },
      { key: 'groq', label: 'groq', points: [pointOf('2026-11-21T00:00:00Z', { requests: 1000 })] },
    ],
  })
  answers('get', REQUESTS, page([recordOf('one')]))
  answers('get', '/api/v1/llm-providers', page([providerOf('studio', { name: 'LM Studio' })]))
  return { summaries, series }
}

function figure(name: string): HTMLElement {
  const found = screen.getAllByRole('term').find((one) => one.textContent === name)
  if (!found?.parentElement) throw new Error(`There is no figure ${name}`)
  return found.parentElement
}

async function table(name: string): Promise<(string | null)[][]> {
  const rows = within(await screen.findByRole('region', { name })).getAllByRole('row')
  return rows.map((row) => [...row.children].map((cell) => cell.textContent))
}

async function choose(user: Rendered['user'], label: string, option: string): Promise<void> {
  await user.click(within(await screen.findByRole('radiogroup', { name: label })).getByRole('radio', { name: option }))
}

test('figures are compared with the time before', async () => {
  gateway()
  await renderApp('/usage')

  await waitFor(() => expect(figure('Requests')).toHaveTextContent('1,200+20% against the time before'))
  expect(figure('Tokens')).toHaveTextContent('48K-50% against the time before')
  expect(figure('Cost')).toHaveTextContent('$3.50Nothing to compare with before2 attempts have no known price')
  expect(figure('First token, p95')).toHaveTextContent('0.9 s+50% against the time before')
  expect(screen.getByText('What you and your API keys used.')).toBeVisible()
})

test('another period, figure or grouping is asked for, and stands in the address', async () => {
  const { summaries, series } = gateway()
  const { user, address } = await renderApp('/usage', { me: administrator() })
  await screen.findByRole('heading', { name: 'Requests over time' })
  const lengthOf = (one: (typeof summaries)[number] | undefined) =>
    (Date.parse(one?.url.searchParams.get('to') ?? '') - Date.parse(one?.url.searchParams.get('from') ?? '')) / DAY_MS
  expect(lengthOf(series.at(-1))).toBe(7)

  await choose(user, 'Period', '24 hours')
  await waitFor(() => expect(lengthOf(series.at(-1))).toBe(1))
  expect(lengthOf(summaries.at(-1))).toBe(1)

  await choose(user, 'Figure', 'Failed')
  expect(await screen.findByRole('heading', { name: 'Failed requests over time' })).toBeVisible()

  await user.click(screen.getByRole('combobox', { name: 'By' }))
  await user.click(await screen.findByRole('option', { name: 'User' }))
  await waitFor(() => expect(series.at(-1)?.url.searchParams.get('group_by')).toBe('user'))
  expect(summaries.some(({ url }) => url.searchParams.get('group_by') === 'user')).toBe(true)
  expect(address()).toBe('/usage?period=24h&metric=errors&group=user')
})

test('days are chosen, the last one included', async () => {
  const { series } = gateway()
  const { user, address } = await renderApp('/usage')
  await user.click(await screen.findByRole('button', { name: 'Days…' }))
  const show = await screen.findByRole('button', { name: 'Show' })
  expect(show).toBeDisabled()

  await user.type(screen.getByLabelText('From'), '2026-11-01')
  await user.type(screen.getByLabelText('To'), '2026-11-02')
  await user.click(show)

  await waitFor(() => expect(address()).toBe('/usage?from=2026-11-01&to=2026-11-02'))
  await waitFor(() => expect(series.at(-1)?.url.searchParams.get('to')).toBe(new Date(2026, 10, 3, 0, 0).toISOString()))
  expect(screen.getByRole('button', { name: '2026-11-01 – 2026-11-02' })).toBeVisible()
})

test('only administrators compare users', async () => {
  gateway()
  const { user } = await renderApp('/usage', { me: somebody() })

  await user.click(await screen.findByRole('combobox', { name: 'By' }))

  expect((await screen.findAllByRole('option')).map((one) => one.textContent)).toEqual(['Provider', 'Model', 'API key'])
})

test('the chart can be read as a table, newest first', async () => {
  gateway()
  const { user } = await renderApp('/usage')

  await user.click(await screen.findByRole('button', { name: 'Show as table' }))

  await waitFor(async () =>
    expect(await table('Requests over time')).toEqual([
      ['Time', 'groq', 'LM Studio'],
      ['Nov 21', '1,000', '50'],
      ['Nov 20', '', '150'],
    ]),
  )
  await user.click(screen.getByRole('button', { name: 'Show as chart' }))
  const chart = within(await screen.findByRole('figure', { name: 'Requests over time' }))
  expect(chart.getAllByRole('listitem').map((one) => one.textContent)).toEqual(['LM Studio', 'groq'])
})

test('groups stand with the largest first, and are sorted anew', async () => {
  gateway()
  const { user } = await renderApp('/usage')
  const names = async () => (await table('Figures of each group')).slice(1).map(([name]) => name)
  await waitFor(async () => expect(await names()).toEqual(['groq', 'LM Studio']))

  const heads = within(screen.getByRole('region', { name: 'Figures of each group' }))
  await user.click(heads.getByRole('button', { name: 'Failed' }))

  expect(await names()).toEqual(['LM Studio', 'groq'])
})

test('each request opens with all that the ledger knows; older ones follow', async () => {
  gateway()
  const first = recordOf('one', { model: 'qwen', outcome: 'provider_unavailable', cost_usd: 0.0004 })
  const second = recordOf('two', { model: '', provider: '', model_asked: 'nonsense', outcome: 'stopped' })
  const asked = answers('get', REQUESTS, ({ url }) =>
    url.searchParams.get('cursor') === 'older' ? page([second]) : page([first], 'older'),
  )
  const { user } = await renderApp('/usage')
  await screen.findByRole('heading', { name: 'Latest requests' })
  const requests = within(requestsOf())

  await user.click(await requests.findByRole('button', { name: 'qwen studio' }))
  const sheet = within(await screen.findByRole('dialog', { name: 'Request' }))
  expect(sheet.getByText('studio/qwen')).toBeVisible()
  expect(sheet.getByText('provider_unavailable')).toBeVisible()
  expect(sheet.getByText('req-one')).toBeVisible()
  await user.keyboard('{Escape}')

  await user.click(requests.getByRole('button', { name: 'Show older ones' }))
  expect(await requests.findByRole('button', { name: 'nonsense' })).toBeVisible()
  expect(requests.getByText('Stopped')).toBeVisible()
  expect(requests.queryByRole('button', { name: 'Show older ones' })).toBeNull()
  expect(asked).toHaveLength(2)
})

function requestsOf(): HTMLElement {
  const section = screen.getByRole('heading', { name: 'Latest requests' }).closest('section')
  if (!section) throw new Error('There is no list of requests')
  return section
}

test('every row of the period comes as CSV under the gateway’s name, or it is said why not', async () => {
  gateway()
  const files = catchDownloads()
  let asked: URL | undefined
  network.use(
    http.get(atPath(CSV), ({ request }) => {
      asked = new URL(request.url)
      const headers = { 'Content-Disposition': 'attachment; filename="usage-november.csv"' }
      return new HttpResponse('id,model\none,qwen\n', { headers })
    }),
  )
  const { user } = await renderApp('/usage?from=2026-11-01&to=2026-11-30')

  await user.click(await screen.findByRole('button', { name: 'Export CSV' }))

  await waitFor(() => expect(files).toEqual([{ name: 'usage-november.csv', text: 'id,model\none,qwen\n' }]))
  expect(asked?.searchParams.get('from')).toBe(new Date(2026, 10, 1).toISOString())
  expect(asked?.searchParams.get('to')).toBe(new Date(2026, 11, 1).toISOString())

  refuses('get', CSV, 429, { code: 'rate_limited', message: 'One export at a time.' })
  await user.click(screen.getByRole('button', { name: 'Export CSV' }))

  expect(await screen.findByText('One export at a time.')).toBeVisible()
  expect(files).toHaveLength(1)
})

test('where nothing was used, that is said instead of empty charts', async () => {
  gateway()
  answers('get', SUMMARY, figuresOf())
  await renderApp('/usage')

  expect(await screen.findByText('Nothing was used in this time')).toBeVisible()
  expect(figure('Requests')).toHaveTextContent('0Nothing to compare with before')
  expect(screen.queryByRole('heading', { name: 'Requests over time' })).toBeNull()
})

test('a figure that was always nothing has no chart', async () => {
  gateway()
  await renderApp('/usage?metric=cost')

  expect(await screen.findByText('Nothing of this in this time.')).toBeVisible()
})

test('what is loading is announced', async () => {
  gateway()
  answers('get', SUMMARY, () => new Promise<never>(() => {}))
  answers('get', REQUESTS, () => new Promise<never>(() => {}))
  await renderApp('/usage')

  expect(await screen.findAllByRole('status', { name: 'Loading figures' })).toHaveLength(2)
})

test('each part that fails says so, and is asked again', async () => {
  gateway()
  const refused = { code: 'unavailable', message: 'The database is away.' }
  refuses('get', SUMMARY, 503, refused)
  refuses('get', SERIES, 503, refused)
  refuses('get', REQUESTS, 503, refused)
  const { user } = await renderApp('/usage')
  await waitFor(() => expect(screen.getAllByText('The figures can’t be loaded.')).toHaveLength(4))

  gateway()
  for (const again of screen.getAllByRole('button', { name: 'Try again' })) await user.click(again)

  await waitFor(() => expect(screen.queryByText('The figures can’t be loaded.')).toBeNull())
  await waitFor(() => expect(figure('Requests')).toHaveTextContent('1,200'))
  expect(within(requestsOf()).getByRole('button', { name: 'qwen studio' })).toBeVisible()
})
