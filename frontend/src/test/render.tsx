// Renders a piece or a page of the web UI with all that stands around it in the real one.
import { type QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { createMemoryHistory, createRootRoute, createRoute, createRouter, RouterProvider } from '@tanstack/react-router'
import { act, type RenderResult, render } from '@testing-library/react'
import userEvent, { type UserEvent } from '@testing-library/user-event'
import type { ReactElement } from 'react'
import { keepSession, type Me, onSession } from '../api/client'
import { createQueryClient } from '../api/query-client'
import { sessionQueries } from '../api/session'
import { newRouter } from '../app/router'
import { loadLazyParts } from '../lib/lazy-part'
import { ToastProvider } from '../ui/toast'
import { isSignedIn, somebody } from './gateway'

export interface Rendered extends RenderResult {
  user: UserEvent
  queries: QueryClient
  /** Where the page is now, below the gateway's address. */
  address: () => string
}

interface Where {
  /** Who is signed in; null for nobody. `unknown`: the page has just been loaded and asks. */
  me?: Me | null | 'unknown'
  /** Where the page is. */
  path?: string
}

/** One piece, somewhere in the page: links lead to an empty page whose address can be looked at. */
export async function renderPart(part: ReactElement, { me = somebody(), path = '/' }: Where = {}): Promise<Rendered> {
  const root = createRootRoute()
  const here = createRoute({
    getParentRoute: () => root,
    path: new URL(path, 'http://x').pathname,
    component: () => part,
  })
  const elsewhere = createRoute({ getParentRoute: () => root, path: '$', component: () => null })
  const history = createMemoryHistory({ initialEntries: [path] })
  const queries = signedIn(me)
  const router = createRouter({ routeTree: root.addChildren([here, elsewhere]), history })
  return show(router as never, queries)
}

/** The whole web UI at an address. */
export async function renderApp(path: string, { me = somebody() }: Omit<Where, 'path'> = {}): Promise<Rendered> {
  const queries = signedIn(me)
  return show(newRouter(queries, createMemoryHistory({ initialEntries: [path] })), queries)
}

function signedIn(me: Me | null | 'unknown'): QueryClient {
  const queries = createQueryClient()
  // What fails in a test fails at once.
  queries.setDefaultOptions({ queries: { ...queries.getDefaultOptions().queries, retry: false } })
  keepSession(me === null || me === 'unknown' ? null : { access_token: 'token-0', expires_in: 900, user: me })
  if (me !== 'unknown') queries.setQueryData(sessionQueries.all(), me)
  if (me !== null && me !== 'unknown') isSignedIn(me)
  return queries
}

async function show(router: ReturnType<typeof newRouter>, queries: QueryClient): Promise<Rendered> {
  const user = userEvent.setup()
  onSession((me) => queries.setQueryData(sessionQueries.all(), me))
  await act(() => router.load())
  // Screens bring lazy parts of their own.
  await loadLazyParts()
  const shown = render(
    <QueryClientProvider client={queries}>
      <ToastProvider>
        <RouterProvider router={router} />
      </ToastProvider>
    </QueryClientProvider>,
  )
  return { ...shown, user, queries, address: () => router.state.location.href }
}
