import { render, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, expect, test } from 'vitest'
import { type FakeGateway, startGateway } from '../../test/gateway'
import { WelcomeScreen } from './welcome-screen'

const gateways: FakeGateway[] = []

async function openPage(status: number, body: unknown): Promise<FakeGateway> {
  const gateway = await startGateway(status, body)
  gateways.push(gateway)
  render(<WelcomeScreen gateway={gateway.url} />)
  return gateway
}

afterEach(async () => {
  for (const gateway of gateways.splice(0)) await gateway.close()
})

test('says that the gateway is running', async () => {
  await openPage(200, { status: 'ready', parts: { database: { ok: true } } })

  expect(await screen.findByText('The gateway is running.')).toBeVisible()
})

test('names the part that keeps the gateway from serving', async () => {
  await openPage(503, { status: 'not_ready', parts: { database: { ok: true }, redis: { ok: false } } })

  expect(await screen.findByText(/can’t serve: redis\./)).toBeVisible()
})

test('says how to start a gateway that does not answer', async () => {
  const gateway = await startGateway(200, {})
  await gateway.close()

  render(<WelcomeScreen gateway={gateway.url} />)

  expect(await screen.findByText(/isn’t answering\. Start it with \.\/patchbay up/)).toBeVisible()
})

test('shows the base URL of a gateway under a sub-path and copies it', async () => {
  const user = userEvent.setup()
  const gateway = await openPage(200, { status: 'ready', parts: {} })

  await user.click(screen.getByRole('button', { name: 'Copy base URL' }))

  expect(await navigator.clipboard.readText()).toBe(`${gateway.url}v1`)
  expect(screen.getByRole('button', { name: 'Copy base URL' })).toHaveTextContent('Copied')
})

test('links to the documentation relative to the page', async () => {
  await openPage(200, { status: 'ready', parts: {} })

  expect(screen.getByRole('link', { name: 'API documentation' })).toHaveAttribute('href', 'docs')
})
