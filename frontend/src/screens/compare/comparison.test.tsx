import { screen, waitFor, within } from '@testing-library/react'
import { HttpResponse, http } from 'msw'
import { beforeEach, describe, expect, test } from 'vitest'
import type { Conversation, Message } from '../../api/conversation-types'
import { answerOf, questionOf } from '../../parts/answer/answer-builder'
import { conversationOf } from '../../parts/conversation/conversation-builder'
import { listedOf, modelOf } from '../../parts/model-picker/listed-builder'
import { answers, atPath, network, refuses } from '../../test/gateway'
import { renderPart } from '../../test/render'
import { BegunComparison } from './begun-comparison'
import { NewComparison } from './new-comparison'

const CONVERSATION = '/api/v1/conversations/{id}'
const MESSAGES = '/api/v1/conversations/{id}/messages'

const models = ['one', 'two', 'three', 'four', 'five'].map((name) =>
  modelOf(`${name}/m`, { name: `Model ${name}`, state: 'loaded' }),
)

beforeEach(() => {
  answers(
    'get',
    '/api/v1/llm-providers/models',
    listedOf(models, { defaults: { chat: 'one/m', vision: null, embedding: null } }),
  )
  answers('get', '/api/v1/llm-providers/models/{model_id}', models[0] as (typeof models)[number])
})

const question = questionOf({ id: 'q', conversation_id: 'c', content: 'Why?' })
const one = answerOf({
  id: 'a',
  conversation_id: 'c',
  parent_id: 'q',
  model: 'one/m',
  model_asked: 'one/m',
  provider: 'one',
  content: 'Because.',
})
const two = answerOf({
  id: 'b',
  conversation_id: 'c',
  parent_id: 'q',
  model: 'two/m',
  model_asked: 'two/m',
  provider: 'two',
  content: 'Why not?',
})
const columns = [
  { model: 'one/m', message_id: 'a' },
  { model: 'two/m', message_id: 'b' },
]

/** The gateway's side of one comparison; what is changed in it is what the gateway says from then on. */
function stored(messages: Message[], fields: Partial<Conversation> = {}) {
  const compare = { columns }
  const kept = {
    messages,
    conversation: conversationOf({ id: 'c', title: 'Why?', compare, message_count: messages.length, ...fields }),
  }
  answers('get', CONVERSATION, () => kept.conversation)
  answers('get', MESSAGES, () => ({ items: kept.messages, next_cursor: null }))
  return kept
}

/** What each running generation says; it ends with that. */
function says(events: Record<string, object[]>): void {
  network.use(
    http.get(atPath('/api/v1/generations/{id}/events'), ({ params }) => {
      const lines = (events[String(params.id)] ?? []).map(
        (event, at) => `id: ${at + 1}\ndata: ${JSON.stringify(event)}\n\n`,
      )
      return new HttpResponse(lines.join(''), { headers: { 'Content-Type': 'text/event-stream' } })
    }),
  )
}

function done(model: string, firstTokenMs: number) {
  return {
    type: 'done',
    finish_reason: 'stop',
    usage: { prompt_tokens: 1, completion_tokens: 9, reasoning_tokens: 0, total_tokens: 10, source: 'provider' },
    timings: { first_token_ms: firstTokenMs, total_ms: 900, tokens_per_second: 40, overhead_ms: 1 },
    cost_usd: 0,
    model,
    provider: 'x',
  }
}

/** The comparison, once it is there. */
async function shown() {
  const rendered = await renderPart(<BegunComparison id="c" />)
  await screen.findByRole('region', { name: 'one/m' })
  return rendered
}

function column(name: string) {
  return within(screen.getByRole('region', { name }))
}

describe('a new comparison', () => {
  test('begins with the default model and another, and can have up to four', async () => {
    const { user } = await renderPart(<NewComparison />)
    expect(await screen.findByRole('region', { name: 'one/m' })).toBeVisible()
    expect(screen.getByRole('region', { name: 'two/m' })).toBeVisible()
    expect(screen.queryByRole('button', { name: /^Remove/ })).toBeNull()

    await user.click(screen.getByRole('button', { name: 'Add model' }))
    await user.click(screen.getByRole('button', { name: 'Add model' }))
    expect(screen.queryByRole('button', { name: 'Add model' })).toBeNull()
    await user.click(screen.getByRole('button', { name: 'Remove Model two' }))

    expect(screen.getAllByRole('region', { name: /\/m$/ }).map((region) => region.getAttribute('aria-label'))).toEqual([
      'one/m',
      'three/m',
      'four/m',
    ])
  })

  test('asks all of them the same question and becomes a conversation', async () => {
    const created = answers('post', '/api/v1/conversations', conversationOf({ id: 'c', compare: { columns } }))
    const asked = answers('post', MESSAGES, {
      message: question,
      messages: [question],
      answers: [one, two],
      conversation: conversationOf({ id: 'c', compare: { columns } }),
    } as never)
    const { user, address } = await renderPart(<NewComparison />)
    await screen.findByRole('region', { name: 'one/m' })

    await user.type(screen.getByRole('textbox', { name: 'Your question' }), 'Why?{Enter}')

    await waitFor(() => expect(address()).toBe('/compare/c'))
    expect(created[0]?.body).toMatchObject({
      compare: {
        columns: [
          { model: 'one/m', message_id: null },
          { model: 'two/m', message_id: null },
        ],
      },
    })
    expect(asked[0]?.body).toEqual({
      content: 'Why?',
      parameters: {},
      compare: [
        { model: 'one/m', parent_id: null },
        { model: 'two/m', parent_id: null },
      ],
      stream: false,
    })
  })

  test('keeps the question and leaves nothing behind when it could not be asked', async () => {
    answers('post', '/api/v1/conversations', conversationOf({ id: 'c', compare: { columns } }))
    refuses('post', MESSAGES, 404, { code: 'model_not_found', message: 'There is no model two/m.' })
    const deleted = answers('delete', CONVERSATION, { id: 'c', deleted: true })
    const { user } = await renderPart(<NewComparison />)
    await screen.findByRole('region', { name: 'one/m' })

    await user.type(screen.getByRole('textbox', { name: 'Your question' }), 'Why?{Enter}')

    expect(await screen.findByText('There is no model two/m.')).toBeVisible()
    expect(screen.getByRole('textbox', { name: 'Your question' })).toHaveValue('Why?')
    await waitFor(() => expect(deleted.map(({ url }) => url.searchParams.get('permanent'))).toEqual(['true']))
  })
})

describe('a comparison that runs', () => {
  const running = [
    question,
    { ...one, content: '', status: 'streaming' as const, generation_id: 'g1' },
    { ...two, content: '', status: 'streaming' as const, generation_id: 'g2' },
  ]

  test('shows each answer in its column, and what they took with the best in bold', async () => {
    const kept = stored(running, { running: ['g1', 'g2'] })
    says({
      g1: [{ type: 'delta', text: 'Because.' }, done('one/m', 200)],
      g2: [{ type: 'delta', text: 'Why not?' }, done('two/m', 90)],
    })
    answers('get', '/api/v1/conversations/{id}/messages/{message_id}', ({ params }) => {
      const isOne = params.message_id === 'a'
      const { type: _, ...figures } = done(isOne ? 'one/m' : 'two/m', isOne ? 200 : 90)
      const ended = { ...(isOne ? one : two), ...figures, provider: isOne ? 'one' : 'two' } as Message
      kept.messages = kept.messages.map((message) => (message.id === ended.id ? ended : message))
      const isRunning = ({ status }: Message) => status === 'streaming'
      kept.conversation = {
        ...kept.conversation,
        running: kept.messages.filter(isRunning).map(({ generation_id }) => generation_id ?? ''),
      }
      return ended
    })

    await shown()

    expect(await column('one/m').findByText('Because.')).toBeVisible()
    expect(await column('two/m').findByText('Why not?')).toBeVisible()
    const row = () => within(screen.getByRole('table')).getByRole('row', { name: /Model two/ })
    await waitFor(() => expect(row()).toHaveTextContent('90 ms (best)40 tok/s9free'))
    expect(screen.getByRole('status')).toHaveTextContent('All answers are ready.')
  })

  test('stops one without the others, and all', async () => {
    stored(running, { running: ['g1', 'g2'] })
    network.use(http.get(atPath('/api/v1/generations/{id}/events'), () => new Promise<never>(() => {})))
    const stopped: string[] = []
    network.use(
      http.post(atPath('/api/v1/generations/{id}/stop'), ({ params }) => {
        stopped.push(String(params.id))
        return HttpResponse.json({ success: true, data: {} })
      }),
    )
    const { user } = await shown()

    await user.click(await screen.findByRole('button', { name: 'Stop Model two' }))
    expect(stopped).toEqual(['g2'])
    await user.click(screen.getByRole('button', { name: 'Stop all' }))

    await waitFor(() => expect(stopped).toEqual(['g2', 'g1', 'g2']))
  })
})

describe('a comparison that is over', () => {
  test('asks on in every column below its own answer', async () => {
    stored([question, one, two])
    const asked = answers('post', MESSAGES, {
      message: question,
      answers: [],
      conversation: conversationOf({ id: 'c', compare: { columns } }),
    } as never)
    const { user } = await shown()
    await column('one/m').findByText('Because.')

    await user.type(screen.getByRole('textbox', { name: 'Your question' }), 'And?{Enter}')

    await waitFor(() => expect(asked).toHaveLength(1))
    expect(asked[0]?.body).toMatchObject({
      compare: [
        { model: 'one/m', parent_id: 'a' },
        { model: 'two/m', parent_id: 'b' },
      ],
    })
  })

  test('answers one again', async () => {
    stored([question, one, two])
    const again = answers('post', '/api/v1/conversations/{id}/messages/{message_id}/regenerate', {
      message: question,
      answers: [],
      conversation: conversationOf({ id: 'c', compare: { columns } }),
    } as never)
    const { user } = await shown()
    await column('two/m').findByText('Why not?')

    await user.click(column('two/m').getByRole('button', { name: 'Answer again' }))

    await waitFor(() => expect(again.map(({ params }) => params.message_id)).toEqual(['b']))
    expect(again[0]?.body).toMatchObject({ model: 'two/m' })
  })

  test('goes on as a chat with one of them', async () => {
    stored([question, one, two])
    const changed = answers('patch', CONVERSATION, conversationOf({ id: 'c' }))
    const { user, address } = await shown()
    await column('two/m').findByText('Why not?')

    await user.click(column('two/m').getByRole('button', { name: 'Continue with this' }))

    await waitFor(() => expect(address()).toBe('/c/c'))
    expect(changed[0]?.body).toEqual({ active_message_id: 'b', model: 'two/m', compare: null })
  })

  test('keeps the error of one column where its answer would be', async () => {
    const error = { code: 'provider_unreachable', message: 'refused', request_id: 'r', details: [], provider: 'two' }
    stored([question, one, { ...two, content: '', status: 'failed', error }])

    await shown()

    expect(await column('two/m').findByText(/isn’t answering/)).toBeVisible()
    expect(column('two/m').getByRole('button', { name: 'Try again' })).toBeVisible()
    expect(column('one/m').getByText('Because.')).toBeVisible()
  })

  test('that went on as a chat leads there', async () => {
    stored([question, one, two], { compare: null })

    const { address } = await renderPart(<BegunComparison id="c" />)

    await waitFor(() => expect(address()).toBe('/c/c'))
  })
})
