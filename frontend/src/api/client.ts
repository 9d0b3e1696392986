// The one way to the gateway: its address, the token, its errors. The token lives in memory only; the cookie that
// renews it is out of scripts' reach.
import createClient from 'openapi-fetch'
import { wordsNow } from '../i18n/words-now'
import { atGateway, gatewayUrl } from '../lib/gateway-url'
import type { components, paths } from './schema.gen'

export type Schemas = components['schemas']
export type Me = Schemas['MeOut']

/** The gateway is not there: no status, no request id. */
export const UNREACHABLE = 'unreachable'
/** Somebody else answered, such as a proxy with a page of its own. */
export const UNEXPECTED = 'unexpected_reply'

export class ApiError extends Error {
  override name = 'ApiError'
  /** The HTTP status; 0 when nobody answered. */
  readonly status: number
  /** Stable (docs/api.md, "Errors"), or UNREACHABLE, UNEXPECTED. */
  readonly code: string
  readonly requestId: string | null
  /** The fields that were refused, and why. */
  readonly details: Schemas['ProblemOut'][]
  /** Seconds, where the gateway named a time. */
  readonly retryAfterS: number | null

  constructor(status: number, failure: Partial<Schemas['ErrorOut']> & { code: string }, retryAfterS?: number | null) {
    super(failure.message ?? ownWords(failure.code))
    this.status = status
    this.code = failure.code
    this.requestId = failure.request_id ?? null
    this.details = failure.details ?? []
    this.retryAfterS = retryAfterS ?? null
  }

  /** What is wrong with one field of the request; undefined when nothing is. */
  problemOf(field: string): string | undefined {
    return this.details.find((detail) => detail.field === field)?.problem
  }
}

/** What to say where the gateway said nothing. */
function ownWords(code: string): string {
  const t = wordsNow('common')
  return code === UNREACHABLE ? t('problem.unreachable') : t('problem.unexpected')
}

/** Typed calls; every path begins with /api/v1. Wrap them in `unwrap`. */
export const gateway = createClient<paths>({
  baseUrl: gatewayUrl().replace(/\/$/, ''),
  fetch: (request) => sendSigned(() => request.clone()),
})

/** The envelope's `data`. Rejects with `ApiError`. */
export async function unwrap<Data>(
  call: Promise<{ data?: { data: Data }; error?: unknown; response: Response }>,
): Promise<Data> {
  try {
    const { data, error, response } = await call
    if (data !== undefined && response.ok) return data.data
    throw errorOf(response, error)
  } catch (error) {
    // openapi-fetch reads the body as JSON; a proxy's page is none.
    if (error instanceof SyntaxError) throw new ApiError(0, { code: UNEXPECTED })
    throw error
  }
}

/** A call by hand, for streams, uploads and downloads: whatever answer comes. Rejects only when none came. */
export function open(path: string, init?: RequestInit): Promise<Response> {
  return sendSigned(() => new Request(atGateway(path), init))
}

/** The same; an answer that is no success rejects with `ApiError` too. */
export async function openOk(path: string, init?: RequestInit): Promise<Response> {
  const response = await open(path, init)
  if (response.ok) return response
  throw await failureOf(response)
}

/** The error that an unsuccessful answer carries. */
export async function failureOf(response: Response): Promise<ApiError> {
  const text = await response.text()
  try {
    return errorOf(response, JSON.parse(text))
  } catch (error) {
    if (error instanceof SyntaxError) return errorOf(response, text)
    throw error
  }
}

function errorOf(response: Response, body: unknown): ApiError {
  const retryAfter = Number(response.headers.get('Retry-After'))
  const failure = isFailure(body) ? body.error : { code: UNEXPECTED }
  return new ApiError(response.status, failure, retryAfter > 0 ? retryAfter : null)
}

function isFailure(body: unknown): body is Schemas['FailureOut'] {
  return body instanceof Object && 'error' in body && body.error instanceof Object && 'code' in body.error
}

// --- The token ---------------------------------------------------------------------------------------------------

const REFRESH = 'api/v1/auth/refresh'
const WITHOUT_TOKEN = /\/api\/v1\/auth\/(login|refresh)$/

let token: string | null = null
let renewal: Promise<Me | null> | null = null
const listeners = new Set<(me: Me | null) => void>()

/** Tells who is signed in whenever that changes by itself: renewed, ended. */
export function onSession(listener: (me: Me | null) => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export function keepSession(session: Schemas['SignedInOut'] | null): void {
  token = session?.access_token ?? null
  for (const listener of listeners) listener(session?.user ?? null)
}

/** The same person with something changed, such as a password that is no one-time one any more. */
export function keepMe(me: Me): void {
  for (const listener of listeners) listener(me)
}

/** A new token for the cookie; null when nobody is signed in. At most one such request is under way. */
export function renewSession(): Promise<Me | null> {
  renewal ??= askForToken().finally(() => {
    renewal = null
  })
  return renewal
}

async function askForToken(): Promise<Me | null> {
  const response = await sendOnce(new Request(atGateway(REFRESH), { method: 'POST' }))
  if (response.status === 401) {
    keepSession(null)
    return null
  }
  if (!response.ok) throw await failureOf(response)
  const body = (await response.json()) as Schemas['Success_SignedInOut_']
  keepSession(body.data)
  return body.data.user
}

/** Sends with the token; once more with a new one when the old one has expired. */
async function sendSigned(make: () => Request): Promise<Response> {
  const first = make()
  if (WITHOUT_TOKEN.test(new URL(first.url).pathname)) return sendOnce(first)
  const used = token
  const response = await sendOnce(signed(first))
  if (response.status !== 401) return response
  // Another call may have renewed the token while this one was under way.
  if (token === used && (await renewSession()) === null) return response
  return sendOnce(signed(make()))
}

function signed(request: Request): Request {
  if (token !== null) request.headers.set('Authorization', `Bearer ${token}`)
  return request
}

/** For the rare request that fetch cannot make. */
export function authorization(): Record<string, string> {
  return token === null ? {} : { Authorization: `Bearer ${token}` }
}

async function sendOnce(request: Request): Promise<Response> {
  try {
    return await fetch(request)
  } catch (error) {
    if (request.signal.aborted) throw error
    throw new ApiError(0, { code: UNREACHABLE })
  }
}
