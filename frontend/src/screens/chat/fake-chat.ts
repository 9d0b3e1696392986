// A conversation at a gateway that tests can look into: it stores what is asked and streams what the test says.
import { HttpResponse, http } from 'msw'
import type { Attachment, Conversation, Message } from '../../api/conversation-types'
import { answerOf, questionOf } from '../../parts/answer/answer-builder'
import { conversationOf } from '../../parts/conversation/conversation-builder'
import { listedOf, modelOf } from '../../parts/model-picker/listed-builder'
import { answers, atPath, network, page } from '../../test/gateway'

export interface FakeChat {
  conversation: Conversation
  messages: Message[]
  /** Bodies of the questions that came. */
  questions: Record<string, unknown>[]
  /** Bodies of the wishes for another answer. */
  again: Record<string, unknown>[]
  changes: Record<string, unknown>[]
  stopped: string[]
  deleted: string[]
  restored: string[]
  /** Says something in the stream of an answer. */
  says(answer: Message, ...events: Record<string, unknown>[]): void
  /** Ends the answer, here and in its stream. */
  ends(answer: Message, fields?: Partial<Message>): void
  answer(): Message
}

export const MODELS = listedOf(
  [
    modelOf('studio/qwen', { name: 'Qwen', reads_images: false }),
    modelOf('studio/seer', { name: 'Seer', reads_images: true, capabilities: ['chat', 'vision'] }),
  ],
  { defaults: { chat: 'studio/qwen', vision: null, embedding: null } },
)

interface Stream {
  controller: ReadableStreamDefaultController<Uint8Array>
  number: number
}

const encoder = new TextEncoder()

export function fakeChat(messages: Message[] = [], fields: Partial<Conversation> = {}): FakeChat {
  const streams = new Map<string, Stream>()
  const chat: FakeChat = {
    conversation: conversationOf({
      active_message_id: messages.at(-1)?.id ?? null,
      message_count: messages.length,
      ...fields,
    }),
    messages: [...messages],
    questions: [],
    again: [],
    changes: [],
    stopped: [],
    deleted: [],
    restored: [],
    says(answer, ...events) {
      const stream = streams.get(answer.generation_id ?? '')
      if (stream === undefined) throw new Error(`nobody listens to ${answer.generation_id}`)
      for (const event of events) {
        stream.number += 1
        stream.controller.enqueue(encoder.encode(`id: ${stream.number}\ndata: ${JSON.stringify(event)}\n\n`))
      }
    },
    ends(answer, given = {}) {
      const ended: Message = { ...answer, status: 'done', finish_reason: 'stop', ...given }
      chat.messages = chat.messages.map((one) => (one.id === answer.id ? ended : one))
      chat.conversation = { ...chat.conversation, running: [] }
      const done = {
        type: 'done',
        usage: null,
        timings: null,
        cost_usd: null,
        model: 'studio/qwen',
        provider: 'studio',
      }
      chat.says(answer, { ...done, finish_reason: ended.finish_reason })
    },
    answer() {
      const answer = chat.messages.at(-1)
      if (answer?.role !== 'assistant') throw new Error('there is no answer')
      return answer
    },
  }
  listen(chat, streams)
  return chat
}

function listen(chat: FakeChat, streams: Map<string, Stream>): void {
  const id = '/api/v1/conversations/{id}'
  answers('get', '/api/v1/llm-providers/models', MODELS)
  answers('get', '/api/v1/llm-providers/models/{model_id}', modelOf('studio/qwen'))
  answers('get', '/api/v1/conversations', () => page([chat.conversation]))
  answers('get', '/api/v1/folders', page([]))
  answers('get', id, () => chat.conversation)
  answers('get', `${id}/messages`, () => page(chat.messages))
  answers('get', `${id}/messages/{message_id}`, ({ params }) => {
    const message = chat.messages.find((one) => one.id === params.message_id)
    if (message === undefined) throw new Error(`no message ${params.message_id}`)
    return message
  })
  answers('patch', id, ({ body }) => {
    chat.changes.push(body as Record<string, unknown>)
    chat.conversation = { ...chat.conversation, ...(body as Partial<Conversation>) }
    return chat.conversation
  })
  answers('delete', `${id}/messages/{message_id}`, ({ params }) => {
    const gone = chat.messages.find((one) => one.id === params.message_id)
    chat.deleted.push(String(params.message_id))
    chat.messages = chat.messages.filter((one) => one !== gone)
    const neighbour = chat.messages.findLast((one) => one.parent_id === gone?.parent_id)
    const active = neighbour?.id ?? gone?.parent_id ?? null
    chat.conversation = { ...chat.conversation, active_message_id: active, message_count: chat.messages.length }
    return { id: String(params.message_id), deleted: true as const, ids: [String(params.message_id)] }
  })
  answers('post', `${id}/messages/{message_id}/restore`, ({ params }) => {
    chat.restored.push(String(params.message_id))
    return { ids: [String(params.message_id)] }
  })
  network.use(
    http.post(atPath(`${id}/messages`), async ({ request }) => {
      const body = (await request.json()) as Record<string, unknown>
      chat.questions.push(body)
      const number = chat.messages.length
      const question = questionOf({
        id: `question-${number}`,
        parent_id:
          body.parent_id === undefined ? chat.conversation.active_message_id : (body.parent_id as string | null),
        content: String(body.content),
        files: ((body.attachments as string[]) ?? []).map((one) => fileOf({ id: one })),
      })
      chat.messages.push(question)
      return started(chat, question)
    }),
    http.post(atPath(`${id}/messages/{message_id}/regenerate`), async ({ request, params }) => {
      chat.again.push((await request.json()) as Record<string, unknown>)
      const asked = chat.messages.find((one) => one.id === params.message_id)
      const question = chat.messages.find((one) => one.id === asked?.parent_id)
      if (question === undefined) throw new Error(`no question for ${params.message_id}`)
      return started(chat, question)
    }),
    http.get(atPath('/api/v1/generations/{gid}/events'), ({ params }) => {
      const body = new ReadableStream<Uint8Array>({
        start(controller) {
          streams.set(String(params.gid), { controller, number: 0 })
        },
      })
      return new HttpResponse(body, { headers: { 'Content-Type': 'text/event-stream' } })
    }),
    http.post(atPath('/api/v1/generations/{gid}/stop'), ({ params }) => {
      chat.stopped.push(String(params.gid))
      return HttpResponse.json({ success: true, data: {} })
    }),
  )
}

function started(chat: FakeChat, question: Message) {
  const answer = answerOf({
    id: `answer-${chat.messages.length}`,
    parent_id: question.id,
    status: 'streaming',
    model_asked: 'studio/qwen',
    generation_id: `generation-${chat.messages.length}`,
  })
  chat.messages.push(answer)
  chat.conversation = {
    ...chat.conversation,
    active_message_id: answer.id,
    message_count: chat.messages.length,
    running: [answer.generation_id ?? ''],
  }
  const data = { message: question, answers: [answer], conversation: chat.conversation }
  return HttpResponse.json({ success: true, data }, { status: 201 })
}

export function fileOf(fields: Partial<Attachment> = {}): Attachment {
  return {
    id: 'file',
    kind: 'file',
    name: 'notes.md',
    media_type: 'text/markdown',
    size_bytes: 1200,
    width: null,
    height: null,
    pages: null,
    text_chars: 1200,
    created_at: '2026-11-21T10:00:00Z',
    ...fields,
  }
}
