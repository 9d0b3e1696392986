// Conversations and their messages: query options, calls, and what a change does to what is cached.
import { type InfiniteData, infiniteQueryOptions, type QueryClient, queryOptions } from '@tanstack/react-query'
import { gateway, openOk, type Schemas, unwrap } from './client'
import type { Conversation, ConversationChanges, Message, NewConversation, SentRequest } from './conversation-types'

export interface ConversationFilters {
  archived?: boolean
  pinned?: boolean
  folder_id?: string
  deleted?: boolean
}

export type ConversationPage = Schemas['PageOut_ConversationOut_']

const LIST_LIMIT = 50
const MESSAGES_LIMIT = 200
/** Another tab may write into the same conversation; a look at it costs one small answer. */
const LOOK_EVERY_MS = 20_000

export const conversationQueries = {
  all: () => ['conversations'] as const,
  lists: () => [...conversationQueries.all(), 'list'] as const,
  list: (filters: ConversationFilters = {}) =>
    infiniteQueryOptions({
      queryKey: [...conversationQueries.lists(), filters] as const,
      queryFn: ({ pageParam, signal }) =>
        unwrap(
          gateway.GET('/api/v1/conversations', {
            params: { query: { ...filters, limit: LIST_LIMIT, cursor: pageParam } },
            signal,
          }),
        ),
      initialPageParam: null as string | null,
      getNextPageParam: (page) => page.next_cursor,
    }),
  detail: (id: string) =>
    queryOptions({
      queryKey: [...conversationQueries.all(), 'detail', id] as const,
      queryFn: ({ signal }) => unwrap(gateway.GET('/api/v1/conversations/{id}', { params: { path: { id } }, signal })),
      refetchInterval: LOOK_EVERY_MS,
    }),
  messages: (id: string) =>
    queryOptions({
      queryKey: [...conversationQueries.all(), 'messages', id] as const,
      queryFn: ({ signal }) => allMessages(id, signal),
      // The conversation's own entry says when there is something new.
      staleTime: Number.POSITIVE_INFINITY,
    }),
}

async function allMessages(id: string, signal: AbortSignal): Promise<Message[]> {
  const messages: Message[] = []
  let cursor: string | null = null
  do {
    const page: Schemas['PageOut_MessageOut_'] = await unwrap(
      gateway.GET('/api/v1/conversations/{id}/messages', {
        params: { path: { id }, query: { limit: MESSAGES_LIMIT, cursor } },
        signal,
      }),
    )
    messages.push(...page.items)
    cursor = page.next_cursor
  } while (cursor !== null)
  return messages
}

export function sentRequestQuery(conversationId: string, messageId: string) {
  return queryOptions({
    queryKey: [...conversationQueries.all(), 'request', messageId] as const,
    queryFn: () => sentRequest(conversationId, messageId),
    staleTime: Number.POSITIVE_INFINITY,
  })
}

async function sentRequest(conversationId: string, messageId: string): Promise<SentRequest> {
  const response = await openOk(`/api/v1/conversations/${conversationId}/messages/${messageId}/request`)
  const { data } = (await response.json()) as { data: SentRequest }
  return data
}

export function createConversation(fields: NewConversation): Promise<Conversation> {
  return unwrap(gateway.POST('/api/v1/conversations', { body: fields }))
}

/** With `keepalive` the request outlives the page; browsers then send at most 64 kB. */
export function changeConversation(
  id: string,
  changes: ConversationChanges,
  { keepalive = false } = {},
): Promise<Conversation> {
  const params = { path: { id } }
  return unwrap(gateway.PATCH('/api/v1/conversations/{id}', { params, body: changes, ...(keepalive && { keepalive }) }))
}

export async function deleteConversation(id: string, { permanent = false } = {}): Promise<void> {
  await unwrap(gateway.DELETE('/api/v1/conversations/{id}', { params: { path: { id }, query: { permanent } } }))
}

export function restoreConversation(id: string): Promise<Conversation> {
  return unwrap(gateway.POST('/api/v1/conversations/{id}/restore', { params: { path: { id } } }))
}

export function oneMessage(conversationId: string, messageId: string): Promise<Message> {
  return unwrap(gateway.GET('/api/v1/conversations/{id}/messages/{message_id}', path(conversationId, messageId)))
}

export function rateMessage(message: Message, feedback: Message['feedback']): Promise<Message> {
  const where = path(message.conversation_id, message.id)
  return unwrap(gateway.PATCH('/api/v1/conversations/{id}/messages/{message_id}', { ...where, body: { feedback } }))
}

/** Removes it with everything below it; returns the ids of them all. */
export async function deleteMessage(conversationId: string, messageId: string): Promise<string[]> {
  const where = path(conversationId, messageId)
  const { ids } = await unwrap(gateway.DELETE('/api/v1/conversations/{id}/messages/{message_id}', where))
  return ids
}

export async function restoreMessage(conversationId: string, messageId: string): Promise<void> {
  const where = path(conversationId, messageId)
  await unwrap(gateway.POST('/api/v1/conversations/{id}/messages/{message_id}/restore', where))
}

function path(id: string, message_id: string) {
  return { params: { path: { id, message_id } } }
}

// What is cached.

/** Notes a conversation's new fields wherever it is cached. */
export function noteConversation(client: QueryClient, id: string, changes: Partial<Conversation>): void {
  client.setQueryData(conversationQueries.detail(id).queryKey, (before) => before && { ...before, ...changes })
  client.setQueriesData<InfiniteData<ConversationPage>>({ queryKey: conversationQueries.lists() }, (before) =>
    withItems(before, (items) => items.map((item) => (item.id === id ? { ...item, ...changes } : item))),
  )
}

/** Takes a conversation out of every cached list. */
export function forgetConversation(client: QueryClient, id: string): void {
  client.setQueriesData<InfiniteData<ConversationPage>>({ queryKey: conversationQueries.lists() }, (before) =>
    withItems(before, (items) => items.filter((item) => item.id !== id)),
  )
}

function withItems(
  data: InfiniteData<ConversationPage> | undefined,
  change: (items: Conversation[]) => Conversation[],
): InfiniteData<ConversationPage> | undefined {
  return data && { ...data, pages: data.pages.map((page) => ({ ...page, items: change(page.items) })) }
}

/** Notes new and changed messages of a conversation. */
export function noteMessages(client: QueryClient, id: string, messages: readonly Message[]): void {
  client.setQueryData(conversationQueries.messages(id).queryKey, (before = []) => {
    const changed = new Map(messages.map((message) => [message.id, message]))
    const known = before.map((message) => {
      const next = changed.get(message.id) ?? message
      changed.delete(message.id)
      return next
    })
    return [...known, ...changed.values()]
  })
}

export function forgetMessages(client: QueryClient, id: string, ids: readonly string[]): void {
  const gone = new Set(ids)
  client.setQueryData(conversationQueries.messages(id).queryKey, (before) =>
    before?.filter((message) => !gone.has(message.id)),
  )
}
