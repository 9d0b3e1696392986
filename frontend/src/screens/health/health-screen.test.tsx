import { screen, waitFor, within } from '@testing-library/react'
import { HttpResponse, http } from 'msw'
import { expect, test } from 'vitest'
import type { Provider } from '../../api/providers'
import type { Readiness } from '../../api/readiness'
import { figuresOf } from '../../api/usage-builder'
import { providerOf } from '../../parts/ladder/provider-builder'
import { administrator, answers, atPath, network, page, refuses } from '../../test/gateway'
import { renderPart } from '../../test/render'
import { HealthScreen } from './health-screen'

const READY: Readiness = {
  status: 'ready',
  parts: { database: { ok: true, ms: 2 }, migrations: { ok: true, ms: 1 } },
}

function isReady(readiness: Readiness): void {
  const status = readiness.status === 'ready' ? 200 : 503
  network.use(http.get(atPath('/readyz'), () => HttpResponse.json(readiness, { status })))
}

function gateway({ readiness = READY, providers = [providerOf('studio')] } = {}): void {
  isReady(readiness)
  answers('get', '/api/v1/llm-providers', page(providers))
  answers('get', '/api/v1/usage/summary', figuresOf())
}

/** What stands in the list below a heading, row by row. */
async function rowsBelow(heading: string): Promise<HTMLElement[]> {
  const section = (await screen.findByRole('heading', { name: heading })).closest('section')
  if (section === null) throw new Error(`Nothing stands below ${heading}`)
  return within(section).findAllByRole('listitem')
}

test('a gateway that is ready says so of each of its parts', async () => {
  gateway()
  await renderPart(<HealthScreen />, { me: administrator() })

  const rows = await rowsBelow('Parts of the gateway')
  expect(rows.map((row) => row.textContent)).toEqual(['Database2 ms', 'Tables1 ms'])
  for (const row of rows) expect(within(row).getByRole('img', { name: 'Answering' })).toBeVisible()
})

test('one that is not ready says what keeps it', async () => {
  gateway({
    readiness: {
      status: 'not_ready',
      parts: { database: { ok: true, ms: 2 }, redis: { ok: false, ms: 41, problem: 'refused the connection' } },
    },
  })
  await renderPart(<HealthScreen />, { me: administrator() })

  const [database, redis] = (await rowsBelow('Parts of the gateway')).map((row) => within(row))
  expect(database?.getByRole('img', { name: 'Answering' })).toBeVisible()
  expect(redis?.getByRole('img', { name: 'Not answering' })).toBeVisible()
  expect(redis?.getByText('refused the connection')).toBeVisible()
})

test('a part that is not known yet goes by its own name', async () => {
  gateway({ readiness: { status: 'ready', parts: { queue: { ok: true, ms: 3 } } } })
  await renderPart(<HealthScreen />, { me: administrator() })

  expect((await rowsBelow('Parts of the gateway')).map((row) => row.textContent)).toEqual(['queue3 ms'])
})

test('each provider says how it is, since when and why', async () => {
  const since = new Date(Date.now() - 3 * 60_000).toISOString()
  const down: Provider['status'] = {
    state: 'down',
    since,
    checked_at: since,
    latency_ms: null,
    message: 'Nothing listens there.',
  }
  gateway({
    providers: [
      providerOf('studio', { name: 'Studio', status: down, is_default: true }),
      providerOf('cloud', { name: 'Cloud', enabled: false, status: { ...down, state: 'ok', latency_ms: 210.4 } }),
    ],
  })
  const { user, address } = await renderPart(<HealthScreen />, { me: administrator() })

  const [studio, cloud] = (await rowsBelow('Providers')).map((row) => within(row))
  expect(studio?.getByRole('img', { name: 'Not answering' })).toBeVisible()
  expect(studio?.getByText('Nothing listens there.')).toBeVisible()
  expect(studio?.getByText('for 3 min')).toBeVisible()
  expect(studio?.getByText('Default')).toBeVisible()
  expect(cloud?.getByRole('img', { name: 'Answering' })).toBeVisible()
  expect(cloud?.getByText('0.21 s')).toBeVisible()
  expect(cloud?.getByText('Disabled')).toBeVisible()

  await user.click(screen.getByRole('link', { name: 'Studio' }))
  expect(address()).toBe('/admin/providers/studio')
})

test('the last hour stands in four figures', async () => {
  gateway()
  const asked = answers(
    'get',
    '/api/v1/usage/summary',
    figuresOf({
      requests: 80,
      failed_requests: 2,
      total_tokens: 12_300,
      first_token_ms: { p50: 90, p95: 450, p99: 800 },
    }),
  )
  await renderPart(<HealthScreen />, { me: administrator() })

  await waitFor(() =>
    expect(screen.getAllByRole('definition').map((one) => one.textContent)).toEqual(['80', '2.5%', '0.45 s', '12.3K']),
  )
  const query = asked[0]?.url.searchParams
  expect(Date.parse(query?.get('to') ?? '') - Date.parse(query?.get('from') ?? '')).toBe(60 * 60 * 1000)
})

test('no requests have no share of failures', async () => {
  gateway()
  await renderPart(<HealthScreen />, { me: administrator() })

  await waitFor(() =>
    expect(screen.getAllByRole('definition').map((one) => one.textContent)).toEqual(['0', '–', '–', '0']),
  )
})

test('without providers that is said', async () => {
  gateway({ providers: [] })
  await renderPart(<HealthScreen />, { me: administrator() })

  expect(await screen.findByText('There are no providers yet')).toBeVisible()
})

test('what can’t be asked says so, and is asked again', async () => {
  gateway()
  network.use(http.get(atPath('/readyz'), () => HttpResponse.error()))
  refuses('get', '/api/v1/llm-providers', 503, { code: 'unavailable', message: 'The database is away.' })
  const { user } = await renderPart(<HealthScreen />, { me: administrator() })
  const parts = within((await screen.findByText('The gateway’s parts can’t be asked.')).closest('div') as HTMLElement)
  expect(parts.getByText('The gateway isn’t answering.')).toBeVisible()
  expect(await screen.findByText('The database is away.')).toBeVisible()

  gateway()
  for (const again of screen.getAllByRole('button', { name: 'Try again' })) await user.click(again)

  expect(await rowsBelow('Parts of the gateway')).toHaveLength(2)
  expect(await rowsBelow('Providers')).toHaveLength(1)
  await waitFor(() => expect(screen.queryByRole('alert')).toBeNull())
})

test.each([
  ['JSON', () => HttpResponse.json({ detail: 'no such backend' }, { status: 502 })],
  ['HTML', () => HttpResponse.html('<h1>Service unavailable</h1>', { status: 503 })],
])('%s that a proxy on the way sends is no answer', async (_, reply) => {
  gateway()
  network.use(http.get(atPath('/readyz'), reply))
  await renderPart(<HealthScreen />, { me: administrator() })

  expect(await screen.findByText(/^Something else than the gateway answered/)).toBeVisible()
  expect(screen.getByRole('heading', { name: 'Providers' })).toBeVisible()
})
