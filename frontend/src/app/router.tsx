// Every address of the web UI, on one screen.
import type { QueryClient } from '@tanstack/react-query'
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  type RouterHistory,
  redirect,
} from '@tanstack/react-router'
import { isAdmin, sessionQueries } from '../api/session'
import { usageSearch } from '../api/usage-search'
import { gatewayUrl } from '../lib/gateway-url'
import { ErrorPage, NotFoundPage } from './error-page'
import { Layout } from './layout'
import { Root } from './root'

const root = createRootRouteWithContext<{ queries: QueryClient }>()({
  component: Root,
  errorComponent: ErrorPage,
  notFoundComponent: NotFoundPage,
})

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: (search: Record<string, unknown>): { next?: string } =>
    typeof search.next === 'string' && search.next.startsWith('/') ? { next: search.next } : {},
  component: lazyRouteComponent(() => import('../screens/sign-in/sign-in-screen'), 'SignInScreen'),
})

/** The first steps stand alone: no sidebar yet. */
const welcome = createRoute({
  getParentRoute: () => root,
  path: '/welcome',
  beforeLoad: async ({ context }) => {
    const me = await context.queries.ensureQueryData(sessionQueries.me())
    if (me === null) throw redirect({ to: '/sign-in' })
  },
  component: lazyRouteComponent(() => import('../screens/welcome/welcome-screen'), 'WelcomeScreen'),
})

const app = createRoute({
  getParentRoute: () => root,
  id: 'app',
  beforeLoad: async ({ context, location }) => {
    const me = await context.queries.ensureQueryData(sessionQueries.me())
    if (me === null) throw redirect({ to: '/sign-in', search: { next: location.href } })
    if (me.must_change_password) throw redirect({ to: isAdmin(me) ? '/welcome' : '/sign-in' })
  },
  component: Layout,
})

const newChat = createRoute({
  getParentRoute: () => app,
  path: '/',
  validateSearch: (search: Record<string, unknown>): { temporary?: true; folder?: string } => ({
    ...(search.temporary === true && { temporary: true as const }),
    ...(typeof search.folder === 'string' && { folder: search.folder }),
  }),
  component: lazyRouteComponent(() => import('../screens/chat/chat-screen'), 'NewChatScreen'),
})

const chat = createRoute({
  getParentRoute: () => app,
  path: '/c/$conversationId',
  /** `m`: the message to show, when a search led here. */
  validateSearch: (search: Record<string, unknown>): { m?: string } =>
    typeof search.m === 'string' ? { m: search.m } : {},
  component: lazyRouteComponent(() => import('../screens/chat/chat-screen'), 'ChatScreen'),
})

const newCompare = createRoute({
  getParentRoute: () => app,
  path: '/compare',
  component: lazyRouteComponent(() => import('../screens/compare/compare-screen'), 'NewCompareScreen'),
})

const compare = createRoute({
  getParentRoute: () => app,
  path: '/compare/$conversationId',
  component: lazyRouteComponent(() => import('../screens/compare/compare-screen'), 'CompareScreen'),
})

const settings = createRoute({
  getParentRoute: () => app,
  path: '/settings',
  component: lazyRouteComponent(() => import('../screens/settings/settings-screen'), 'SettingsScreen'),
})

const keys = createRoute({
  getParentRoute: () => app,
  path: '/keys',
  component: lazyRouteComponent(() => import('../screens/keys/keys-screen'), 'KeysScreen'),
})

const usage = createRoute({
  getParentRoute: () => app,
  path: '/usage',
  validateSearch: usageSearch,
  component: lazyRouteComponent(() => import('../screens/usage/usage-screen'), 'UsageScreen'),
})

/** Open to users too: they may have personal providers. */
const providers = createRoute({
  getParentRoute: () => app,
  path: '/admin/providers',
  component: lazyRouteComponent(() => import('../screens/admin-providers/providers-screen'), 'ProvidersScreen'),
})

const newProvider = createRoute({
  getParentRoute: () => app,
  path: '/admin/providers/new',
  validateSearch: ({ preset, address }: Record<string, unknown>): { preset?: string; address?: string } => ({
    ...(typeof preset === 'string' && { preset }),
    ...(typeof address === 'string' && { address }),
  }),
  component: lazyRouteComponent(() => import('../screens/admin-providers/provider-form-screen'), 'NewProviderScreen'),
})

const provider = createRoute({
  getParentRoute: () => app,
  path: '/admin/providers/$slug',
  component: lazyRouteComponent(() => import('../screens/admin-providers/provider-form-screen'), 'ProviderScreen'),
})

const models = createRoute({
  getParentRoute: () => app,
  path: '/admin/models',
  component: lazyRouteComponent(() => import('../screens/admin-models/models-screen'), 'ModelsScreen'),
})

/** For administrators alone; the gateway refuses everybody else as well. */
const admin = createRoute({
  getParentRoute: () => app,
  id: 'admin',
  beforeLoad: async ({ context }) => {
    const me = await context.queries.ensureQueryData(sessionQueries.me())
    if (me === null || !isAdmin(me)) throw redirect({ to: '/' })
  },
})

const users = createRoute({
  getParentRoute: () => admin,
  path: '/admin/users',
  component: lazyRouteComponent(() => import('../screens/users/users-screen'), 'UsersScreen'),
})

const audit = createRoute({
  getParentRoute: () => admin,
  path: '/admin/audit',
  component: lazyRouteComponent(() => import('../screens/audit/audit-screen'), 'AuditScreen'),
})

const adminSettings = createRoute({
  getParentRoute: () => admin,
  path: '/admin/settings',
  component: lazyRouteComponent(() => import('../screens/admin-settings/admin-settings-screen'), 'AdminSettingsScreen'),
})

const health = createRoute({
  getParentRoute: () => admin,
  path: '/admin/health',
  component: lazyRouteComponent(() => import('../screens/health/health-screen'), 'HealthScreen'),
})

const tree = root.addChildren([
  signIn,
  welcome,
  app.addChildren([
    newChat,
    chat,
    newCompare,
    compare,
    settings,
    keys,
    usage,
    providers,
    newProvider,
    provider,
    models,
    admin.addChildren([users, audit, adminSettings, health]),
  ]),
])

/** `history` is the browser's unless a test brings one. */
export function newRouter(queries: QueryClient, history?: RouterHistory) {
  return createRouter({
    routeTree: tree,
    ...(history && { history }),
    basepath: new URL(gatewayUrl()).pathname,
    context: { queries },
    defaultPreload: 'intent',
    defaultPendingMs: 150,
  })
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof newRouter>
  }
}
