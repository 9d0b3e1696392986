import { screen, within } from '@testing-library/react'
import { HttpResponse, http } from 'msw'
import { expect, test } from 'vitest'
import { atPath, isAway, network, refuses } from '../test/gateway'
import { renderApp } from '../test/render'

const REFRESH = '/api/v1/auth/refresh'

function readiness(status: number, parts: Record<string, { ok: boolean; ms: number }>): void {
  const body = { status: status === 200 ? 'ready' : 'not_ready', parts }
  network.use(http.get(atPath('/readyz'), () => HttpResponse.json(body, { status })))
}

test('says how to start a gateway that does not answer', async () => {
  isAway('post', REFRESH)
  isAway('get', '/readyz')

  await renderApp('/', { me: 'unknown' })

  const alert = await screen.findByRole('alert')
  expect(alert).toHaveTextContent('The gateway isn’t answering.')
  expect(alert).toHaveTextContent('Start it with ./patchbay up')
})

test('names the part that keeps the gateway from serving', async () => {
  refuses('post', REFRESH, 503, { code: 'internal' })
  readiness(503, { database: { ok: true, ms: 1 }, redis: { ok: false, ms: 3000 } })

  await renderApp('/', { me: 'unknown' })

  expect(await screen.findByText('The gateway is running, but can’t serve.')).toBeVisible()
  expect(screen.getByText(/Not working: redis\./)).toBeVisible()
})

test('goes on as soon as the gateway can serve again', async () => {
  isAway('post', REFRESH)
  isAway('get', '/readyz')
  const { user } = await renderApp('/', { me: 'unknown' })
  const alert = await screen.findByRole('alert')

  refuses('post', REFRESH, 401, { code: 'credential_missing' })
  readiness(200, { database: { ok: true, ms: 1 } })
  await user.click(within(alert).getByRole('button', { name: 'Try again' }))

  expect(await screen.findByRole('heading', { name: 'Sign in to Patchbay' })).toBeVisible()
})

test('an address that leads nowhere leads to the chat', async () => {
  await renderApp('/nothing-here', { me: null })

  expect(await screen.findByRole('link', { name: 'Go to the chat' })).toHaveAttribute('href', '/')
})
