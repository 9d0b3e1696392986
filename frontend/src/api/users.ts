// The people who may sign in, for administrators.
import { infiniteQueryOptions } from '@tanstack/react-query'
import { gateway, type Schemas, unwrap } from './client'

export type User = Schemas['UserOut']
export type NewUser = Schemas['NewUserOut']
export type UserDraft = Schemas['UserIn']
export type UserChanges = Schemas['UserPatch']

const LIMIT = 100

export const userQueries = {
  all: () => ['users'] as const,
  list: () =>
    infiniteQueryOptions({
      queryKey: userQueries.all(),
      queryFn: ({ pageParam, signal }) =>
        unwrap(gateway.GET('/api/v1/users', { params: { query: { limit: LIMIT, cursor: pageParam } }, signal })),
      initialPageParam: null as string | null,
      getNextPageParam: (page) => page.next_cursor,
    }),
}

/** Without a password the gateway makes one that is good for one sign-in; the answer alone holds it. */
export function createUser(draft: UserDraft): Promise<NewUser> {
  return unwrap(gateway.POST('/api/v1/users', { body: draft }))
}

export function changeUser(id: string, changes: UserChanges): Promise<User> {
  return unwrap(gateway.PATCH('/api/v1/users/{id}', { params: { path: { id } }, body: changes }))
}

/** A password that is good for one sign-in; the person's sessions end. */
export async function resetPassword(id: string): Promise<string> {
  const answer = await unwrap(gateway.POST('/api/v1/users/{id}/reset-password', { params: { path: { id } } }))
  return answer.one_time_password
}

export async function deleteUser(id: string): Promise<void> {
  await unwrap(gateway.DELETE('/api/v1/users/{id}', { params: { path: { id } } }))
}
