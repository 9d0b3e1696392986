// Who is signed in. The answer is a query: screens read it, signing in and out write it.
import { queryOptions, useQuery } from '@tanstack/react-query'
import { gateway, keepMe, keepSession, type Me, renewSession, unwrap } from './client'

export const sessionQueries = {
  all: () => ['session'] as const,
  /** Who is signed in; null for nobody. After a reload the cookie answers. */
  me: () =>
    queryOptions({
      queryKey: sessionQueries.all(),
      queryFn: renewSession,
      staleTime: Number.POSITIVE_INFINITY,
      gcTime: Number.POSITIVE_INFINITY,
    }),
}

/** Who is signed in; for screens behind the sign-in. */
export function useMe(): Me {
  const { data } = useQuery(sessionQueries.me())
  if (!data) throw new Error('Nobody is signed in: this screen belongs behind the sign-in.')
  return data
}

export function isAdmin(me: Me): boolean {
  return me.role === 'admin'
}

/** Whether the person may do this; administrators may do everything. */
export function useMay(permission: Me['permissions'][number]): boolean {
  return useMe().permissions.includes(permission)
}

/** Rejects with `ApiError`: 401 `credential_invalid`, 429 after too many failures. */
export async function signIn(username: string, password: string): Promise<Me> {
  const session = await unwrap(gateway.POST('/api/v1/auth/login', { body: { username, password } }))
  keepSession(session)
  oneTimePassword = session.user.must_change_password ? password : ''
  return session.user
}

let oneTimePassword = ''

/** The one-time password that was typed at sign-in, so that changing it need not ask again; empty after a reload. */
export function typedOneTimePassword(): string {
  return oneTimePassword
}

/** Ends the session here and at the gateway. */
export async function signOut(): Promise<void> {
  await unwrap(gateway.POST('/api/v1/auth/logout'))
  keepSession(null)
}

/** The other sessions end. */
export async function changePassword(current: string, next: string): Promise<Me> {
  const body = { current_password: current, new_password: next }
  const me = await unwrap(gateway.POST('/api/v1/auth/change-password', { body }))
  oneTimePassword = ''
  keepMe(me)
  return me
}
