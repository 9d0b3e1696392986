// A gateway for tests: real requests leave the page and are answered at the network's edge, in the contract's shapes.
import { HttpResponse, http } from 'msw'
import { setupServer } from 'msw/node'
import type { Schemas } from '../api/client'
import type { paths } from '../api/schema.gen'
import { gatewayUrl } from '../lib/gateway-url'

type Method = 'get' | 'post' | 'put' | 'patch' | 'delete'
type PathOf<M extends Method> = { [P in keyof paths]: paths[P] extends Record<M, object> ? P : never }[keyof paths]
type JsonOf<Reply> = Reply extends { content: { 'application/json': infer Body } } ? Body : never
type BodyOf<Operation> = Operation extends { responses: infer Replies }
  ? { [Status in keyof Replies]: Status extends 200 | 201 ? JsonOf<Replies[Status]> : never }[keyof Replies]
  : never
/** What the envelope of this call holds. */
export type DataOf<M extends Method, P extends PathOf<M>> =
  BodyOf<paths[P][M & keyof paths[P]]> extends { data: infer Data } ? Data : unknown

/** What was asked, oldest first. */
export interface Asked {
  url: URL
  params: Record<string, string>
  body: unknown
  headers: Headers
}

/** Answers nothing by itself: a request that no test expects fails it. */
export const network = setupServer()

/** From now on the gateway answers this call so. What comes back lists the requests. */
export function answers<M extends Method, P extends PathOf<M>>(
  method: M,
  path: P,
  data: DataOf<M, P> | ((asked: Asked) => DataOf<M, P> | Promise<DataOf<M, P>>),
): Asked[] {
  const asked: Asked[] = []
  network.use(
    http[method](pattern(path), async (call) => {
      const one = await askedBy(call.request, call.params)
      asked.push(one)
      const given = data instanceof Function ? await data(one) : data
      return HttpResponse.json({ success: true, data: given })
    }),
  )
  return asked
}

/** From now on this call fails so. */
export function refuses<M extends Method>(
  method: M,
  path: PathOf<M>,
  status: number,
  error: Partial<Schemas['ErrorOut']> & { code: string },
): Asked[] {
  const asked: Asked[] = []
  network.use(
    http[method](pattern(path), async (call) => {
      asked.push(await askedBy(call.request, call.params))
      return HttpResponse.json(
        {
          success: false,
          error: { message: `The gateway refuses: ${error.code}`, request_id: 'req-1', details: [], ...error },
        },
        { status },
      )
    }),
  )
  return asked
}

/** From now on nobody is there to answer this call. */
export function isAway(method: Method, path: keyof paths): void {
  network.use(http[method](pattern(path), () => HttpResponse.error()))
}

/** For everything else: streams, files, headers. `path` as in the contract, with {names}. */
export function atPath(path: string): string {
  return pattern(path)
}

export function page<Item>(items: Item[], nextCursor: string | null = null) {
  return { items, next_cursor: nextCursor }
}

export function somebody(changes: Partial<Schemas['MeOut']> = {}): Schemas['MeOut'] {
  return {
    id: '0d3c6b58-5b4f-4a52-9a2b-6a4c1f0e7d11',
    username: 'ada',
    role: 'user',
    permissions: [],
    must_change_password: false,
    ...changes,
  }
}

export function administrator(changes: Partial<Schemas['MeOut']> = {}): Schemas['MeOut'] {
  return somebody({ role: 'admin', permissions: ['load_models', 'manage', 'personal_providers'], ...changes })
}

/** The cookie of this person is still good. */
export function isSignedIn(me: Schemas['MeOut']): void {
  answers('post', '/api/v1/auth/refresh', { access_token: 'token-1', expires_in: 900, user: me })
}

function pattern(path: string): string {
  return gatewayUrl().replace(/\/$/, '') + path.replace(/\{(\w+)\}/g, ':$1')
}

async function askedBy(request: Request, params: Record<string, unknown>): Promise<Asked> {
  const isJson = request.headers.get('Content-Type')?.startsWith('application/json')
  return {
    url: new URL(request.url),
    params: Object.fromEntries(Object.entries(params).map(([name, value]) => [name, String(value)])),
    body: isJson ? await request.json() : await request.text(),
    headers: request.headers,
  }
}
