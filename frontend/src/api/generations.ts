// Generations: starting them, following their events, stopping them. They belong to the gateway, not to this page.
import { open, openOk } from './client'
import type { Conversation, Message, Parameters } from './conversation-types'
import type { OpenStream } from './events'

export interface Question {
  content: string
  /** Ids of uploaded attachments. */
  attachments?: string[]
  /** Absent: the active message; null: a new beginning. */
  parent_id?: string | null
  model?: string
  parameters?: Parameters
  compare?: { model: string; parent_id?: string | null; parameters?: Parameters }[]
}

export interface Started {
  message: Message
  /** The questions, where several were made to compare. */
  messages?: Message[]
  /** Answers that are being written; follow them by their generation_id. */
  answers: Message[]
  conversation: Conversation
}

/** Stores the question and starts its answers. Raises ApiError; then nothing is stored. */
export function ask(conversationId: string, question: Question): Promise<Started> {
  return posted(`/api/v1/conversations/${conversationId}/messages`, { ...question, stream: false })
}

/** Another answer beside this one, or one below a question. */
export function regenerate(message: Message, how: { model?: string; parameters?: Parameters } = {}): Promise<Started> {
  const { conversation_id: conversation, id } = message
  return posted(`/api/v1/conversations/${conversation}/messages/${id}/regenerate`, { ...how, stream: false })
}

/** What was written so far is kept; nothing happens to one that has ended. */
export async function stopGeneration(generationId: string): Promise<void> {
  await posted(`/api/v1/generations/${generationId}/stop`, {})
}

/** Asks a model for a title. */
export function askForTitle(conversationId: string): Promise<Conversation> {
  return posted(`/api/v1/conversations/${conversationId}/title`, {})
}

export function eventsOf(generationId: string): OpenStream {
  return (after, signal) =>
    open(`/api/v1/generations/${generationId}/events?after=${after}`, {
      headers: { Accept: 'text/event-stream' },
      signal,
    })
}

async function posted<Data>(path: string, body: object): Promise<Data> {
  const response = await openOk(path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  })
  const { data } = (await response.json()) as { data: Data }
  return data
}
