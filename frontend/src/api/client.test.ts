import { HttpResponse, http } from 'msw'
import { beforeEach, expect, test } from 'vitest'
import { answers, atPath, isAway, isSignedIn, network, page, refuses, somebody } from '../test/gateway'
import { ApiError, gateway, keepSession, openOk, renewSession, unwrap } from './client'

const KEYS = '/api/v1/api-keys'
const keys = () => unwrap(gateway.GET(KEYS))

beforeEach(() => keepSession({ access_token: 'old', expires_in: 900, user: somebody() }))

/** Refuses every token but the one that the cookie brings. */
function theTokenHasExpired(): string[] {
  const tokens: string[] = []
  network.use(
    http.get(atPath(KEYS), ({ request }) => {
      const token = request.headers.get('Authorization') ?? ''
      tokens.push(token)
      if (token === 'Bearer token-1') return HttpResponse.json({ success: true, data: page([]) })
      const error = { code: 'credential_expired', message: 'expired', request_id: 'r', details: [] }
      return HttpResponse.json({ success: false, error }, { status: 401 })
    }),
  )
  return tokens
}

test('sends the token and unpacks the envelope', async () => {
  const asked = answers('get', KEYS, page([]))

  const data = await keys()

  expect(data).toEqual({ items: [], next_cursor: null })
  expect(asked[0]?.headers.get('Authorization')).toBe('Bearer old')
})

test('renews an expired token once for all calls that met it, and repeats them', async () => {
  const tokens = theTokenHasExpired()
  let renewals = 0
  network.use(
    http.post(atPath('/api/v1/auth/refresh'), () => {
      renewals += 1
      const data = { access_token: 'token-1', expires_in: 900, user: somebody() }
      return HttpResponse.json({ success: true, data })
    }),
  )

  const data = await Promise.all([keys(), keys(), keys()])

  expect(data).toHaveLength(3)
  expect(renewals).toBe(1)
  expect(tokens.filter((token) => token === 'Bearer token-1')).toHaveLength(3)
})

test('repeats a call with its body', async () => {
  isSignedIn(somebody())
  const bodies: unknown[] = []
  network.use(
    http.post(atPath(KEYS), async ({ request }) => {
      bodies.push(await request.json())
      return bodies.length === 1
        ? HttpResponse.json({ error: { code: 'credential_expired' } }, { status: 401 })
        : HttpResponse.json({ success: true, data: {} })
    }),
  )

  await unwrap(gateway.POST(KEYS, { body: { name: 'ci' } }))

  expect(bodies).toEqual([{ name: 'ci' }, { name: 'ci' }])
})

test('says that the session is over when the cookie is no good either', async () => {
  theTokenHasExpired()
  refuses('post', '/api/v1/auth/refresh', 401, { code: 'credential_expired' })

  await expect(keys()).rejects.toMatchObject({ status: 401, code: 'credential_expired' })
  await expect(renewSession()).resolves.toBeNull()
})

test('carries everything that a failure says', async () => {
  const details = [{ field: 'name', problem: 'is taken' }]
  refuses('get', KEYS, 409, { code: 'conflict', message: 'There is one already.', request_id: 'abc', details })

  const error = await keys().catch((error: unknown) => error)

  expect(error).toBeInstanceOf(ApiError)
  expect(error).toMatchObject({ status: 409, code: 'conflict', message: 'There is one already.', requestId: 'abc' })
  expect((error as ApiError).problemOf('name')).toBe('is taken')
  expect((error as ApiError).problemOf('models')).toBeUndefined()
})

test('knows a gateway that is not there from one that refuses', async () => {
  isAway('get', KEYS)

  await expect(keys()).rejects.toMatchObject({
    status: 0,
    code: 'unreachable',
    message: 'The gateway isn’t answering.',
  })
})

test.each([
  [200, '<h1>Sign in to the network</h1>'],
  [502, '<h1>Bad gateway</h1>'],
])('does not take a proxy’s page with status %i for an answer', async (status, html) => {
  network.use(http.get(atPath(KEYS), () => HttpResponse.html(html, { status })))

  await expect(keys()).rejects.toMatchObject({ code: 'unexpected_reply' })
})

test('gives up when its caller does, without calling that a failure of the gateway', async () => {
  answers('get', KEYS, page([]))
  const leaving = new AbortController()
  leaving.abort()

  await expect(openOk(KEYS, { signal: leaving.signal })).rejects.toMatchObject({ name: 'AbortError' })
})

test('reads the failure of a call by hand', async () => {
  refuses('post', '/api/v1/auth/logout', 429, { code: 'rate_limited', message: 'Too often.' })

  await expect(openOk('/api/v1/auth/logout', { method: 'POST' })).rejects.toMatchObject({
    status: 429,
    message: 'Too often.',
  })
})
