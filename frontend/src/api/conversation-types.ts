// The shapes of conversations, their messages and the events of a running answer (docs/api.md, section 8).
import type { Schemas } from './client'

export type Conversation = Schemas['ConversationOut']
export type NewConversation = Schemas['ConversationBody']
export type ConversationChanges = Schemas['ConversationPatch']
export type Message = Schemas['MessageOut']
export type MessageError = Schemas['MessageErrorOut']
export type Attachment = Schemas['AttachmentOut']
export type ToolCall = Schemas['ChatToolCallOut']
export type Usage = Schemas['MessageUsageOut']
export type Timings = Schemas['MessageTimingsOut']
/** Values of parameters by their names, as the model's list of parameters declares them. */
export type Parameters = Conversation['parameters']

export interface SentAttempt {
  attempt: number
  provider: string
  model: string
  started_at: string
  first_token_ms: number | null
  total_ms: number
  outcome: string
  problem: string | null
}

/** What a provider was sent for an answer, and what became of it. */
export interface SentRequest {
  /** The path that was called. */
  url: string
  /** The JSON body; images are shortened. */
  body: Record<string, unknown>
  /** Parameters that were left out, because the provider does not take them. */
  dropped: string[]
  sent_at: string
  attempts: SentAttempt[]
}

/** How far the provider is with what comes before the answer; `fraction` (0–1) only where it says so. */
export interface AnswerProgress {
  stage: 'loading' | 'reading_prompt'
  fraction: number | null
}

export type GenerationEvent =
  | { type: 'start'; model: string; provider: string }
  | ({ type: 'progress' } & AnswerProgress)
  | { type: 'delta'; text: string }
  | { type: 'reasoning'; text: string }
  | { type: 'tool_call'; index: number; id: string | null; name: string | null; arguments: string | null }
  | ({ type: 'usage' } & Usage)
  | {
      type: 'done'
      finish_reason: string | null
      usage: Usage | null
      timings: Timings | null
      cost_usd: number | null
      model: string
      provider: string
    }
  | ({ type: 'error' } & MessageError)
  | { type: 'snapshot'; message: Message }

/** An event with its number in the generation's log. */
export interface NumberedEvent {
  number: number
  event: GenerationEvent
}
