import { fireEvent, screen, waitFor, within } from '@testing-library/react'
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Message } from '../../api/conversation-types'
import { answerOf, questionOf } from '../../parts/answer/answer-builder'
import { providerOf } from '../../parts/ladder/provider-builder'
import { listedOf } from '../../parts/model-picker/listed-builder'
import { administrator, answers, refuses } from '../../test/gateway'
import { renderApp } from '../../test/render'
import { preloadMarkdown } from '../../ui/markdown/markdown'
import { fakeChat, fileOf, MODELS } from './fake-chat'

beforeAll(preloadMarkdown)

// happy-dom lays nothing out; the list has to believe in a window and rows of some height.
beforeEach(() => {
  vi.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockReturnValue(900)
  vi.spyOn(HTMLElement.prototype, 'clientWidth', 'get').mockReturnValue(900)
  vi.spyOn(HTMLElement.prototype, 'offsetHeight', 'get').mockReturnValue(100)
})
afterEach(() => {
  vi.restoreAllMocks()
  sessionStorage.clear()
})

const question = questionOf({ id: 'q', content: 'Why is it blue?' })
const answer = answerOf({
  id: 'a',
  parent_id: 'q',
  content: 'Because of the light.',
  model_asked: 'studio/qwen',
  model: 'studio/qwen',
  provider: 'studio',
  usage: { prompt_tokens: 4, completion_tokens: 312, reasoning_tokens: 0, total_tokens: 316, source: 'provider' },
  timings: { first_token_ms: 210, total_ms: 7000, tokens_per_second: 46.2, overhead_ms: 1 },
  cost_usd: 0,
})

const field = () => screen.findByRole('textbox', { name: 'Message' })
const openChat = (me?: Parameters<typeof renderApp>[1]) => renderApp('/c/conversation', me)

describe('reading', () => {
  test('an answer names its model and provider, and what it took', async () => {
    fakeChat([question, answer])
    await openChat()

    const shown = await screen.findByRole('article', { name: 'Answer' })
    expect(await within(shown).findByText('Qwen')).toBeInTheDocument()
    expect(within(shown).getByText('studio')).toBeInTheDocument()
    expect(await within(shown).findByText('Because of the light.')).toBeInTheDocument()
    expect(
      await within(shown).findByRole('button', { name: /312 tokens · 0\.21 s to first · 46 tok\/s · free/ }),
    ).toBeInTheDocument()
  })

  test('another model than the asked one is said', async () => {
    fakeChat([question, { ...answer, model: 'studio/other' }])
    await openChat()

    expect(await screen.findByText('asked for studio/qwen')).toBeInTheDocument()
  })

  test('a conversation that is gone leads to a new one', async () => {
    fakeChat()
    refuses('get', '/api/v1/conversations/{id}', 404, { code: 'not_found' })
    await openChat()

    expect(await screen.findByRole('link', { name: 'Start a new chat' })).toHaveAttribute('href', '/')
  })

  test('the title of the page follows the conversation', async () => {
    fakeChat([question, answer], { title: 'Blue things' })
    await openChat()

    await waitFor(() => expect(document.title).toBe('Blue things · Patchbay'))
  })
})

describe('asking', () => {
  test('the question stands there at once, the answer as it comes, then with its figures', async () => {
    const chat = fakeChat([question, answer])
    const { user } = await openChat()

    await user.type(await field(), 'And the sea?{Enter}')
    expect(await screen.findByText('And the sea?')).toBeInTheDocument()
    expect(await field()).toHaveValue('')
    await waitFor(() => expect(screen.getByText('Answer begun')).toBeInTheDocument())
    chat.says(chat.answer(), { type: 'delta', text: 'The sea ' }, { type: 'delta', text: 'too.' })
    expect(await screen.findByText('The sea too.')).toBeInTheDocument()
    chat.ends(chat.answer(), {
      ...answer,
      id: chat.answer().id,
      parent_id: chat.answer().parent_id,
      content: 'The sea too.',
    })

    expect(await screen.findByText('Answer ready')).toBeInTheDocument()
    expect(chat.questions).toEqual([
      { content: 'And the sea?', attachments: [], parent_id: 'a', parameters: {}, stream: false },
    ])
  })

  test('a load is told with how far it is, and that the prompt is read then', async () => {
    const chat = fakeChat([question, answer])
    const { user } = await openChat()

    await user.type(await field(), 'And the sea?{Enter}')
    await waitFor(() => expect(screen.getByText('Answer begun')).toBeInTheDocument())
    chat.says(chat.answer(), { type: 'progress', stage: 'loading', fraction: 0.65 })
    expect(await screen.findByText(/Qwen is being loaded · 65%/, undefined, { timeout: 5000 })).toBeInTheDocument()
    chat.says(chat.answer(), { type: 'progress', stage: 'reading_prompt', fraction: null })
    expect(await screen.findByText(/Qwen is reading the prompt/)).not.toHaveTextContent('%')
    chat.says(chat.answer(), { type: 'delta', text: 'The sea too.' })

    expect(await screen.findByText('The sea too.')).toBeInTheDocument()
    expect(screen.queryByText(/is reading the prompt/)).not.toBeInTheDocument()
  })

  test('Enter that takes what an input method offers sends nothing, Shift-Enter begins a line', async () => {
    const chat = fakeChat([question, answer])
    const { user } = await openChat()
    const box = await field()

    await user.type(box, 'one{Shift>}{Enter}{/Shift}two')
    fireEvent.keyDown(box, { key: 'Enter', isComposing: true })

    expect(box).toHaveValue('one\ntwo')
    expect(chat.questions).toEqual([])
  })

  test('what is refused comes back into the field, with the reason', async () => {
    fakeChat([question, answer])
    const { user } = await openChat()
    await field()
    refuses('post', '/api/v1/conversations/{id}/messages', 404, {
      code: 'model_not_found',
      message: 'There is no model “qwen”.',
    })

    await user.type(await field(), 'Hello{Enter}')

    expect(await screen.findByRole('alert')).toHaveTextContent('Not sent. There is no model “qwen”.')
    expect(await field()).toHaveValue('Hello')
    expect(screen.getAllByRole('article')).toHaveLength(2)
  })

  test('the first message makes the conversation and leads to it', async () => {
    const chat = fakeChat([])
    const made = answers('post', '/api/v1/conversations', () => chat.conversation)
    const { user, address } = await renderApp('/')

    await user.type(await field(), 'Hello{Enter}')

    await waitFor(() => expect(address()).toBe('/c/conversation'))
    expect(await screen.findByText('Hello')).toBeInTheDocument()
    expect(made.map(({ body }) => body)).toEqual([
      { model: null, parameters: {}, system_prompt: null, folder_id: null, temporary: false },
    ])
  })

  test('a suggestion begins a chat', async () => {
    const chat = fakeChat([])
    answers('post', '/api/v1/conversations', () => chat.conversation)
    const { user, address } = await renderApp('/')

    await user.click(await screen.findByRole('button', { name: 'Explain in three sentences what a patch bay is' }))

    await waitFor(() => expect(address()).toBe('/c/conversation'))
    expect(chat.questions[0]).toMatchObject({ content: 'Explain in three sentences what a patch bay is' })
  })

  test('a temporary chat is made as one, and keeps no draft', async () => {
    const chat = fakeChat([], { temporary: true })
    const made = answers('post', '/api/v1/conversations', () => chat.conversation)
    const { user, address } = await renderApp('/')
    await user.click(await screen.findByRole('button', { name: 'Make this chat temporary' }))
    await screen.findByRole('heading', { name: 'Temporary chat' })

    await user.type(await field(), 'Between us')
    expect(Object.keys(localStorage).filter((key) => key.startsWith('pb.draft'))).toEqual([])
    await user.type(await field(), '{Enter}')

    await waitFor(() => expect(address()).toBe('/c/conversation'))
    expect(made[0]?.body).toMatchObject({ temporary: true })
  })
})

describe('while an answer runs', () => {
  const running = answerOf({ id: 'r', parent_id: 'q', status: 'streaming', generation_id: 'g', content: 'Once' })
  const chatWithRun = () => fakeChat([question, running], { running: ['g'] })

  test('it can be stopped at once', async () => {
    const chat = chatWithRun()
    const { user } = await openChat()

    await user.click(await screen.findByRole('button', { name: 'Stop answering' }))
    await waitFor(() => expect(chat.stopped).toEqual(['g']))
    chat.ends(running, { status: 'stopped', finish_reason: 'stopped', content: 'Once upon' })

    await waitFor(() => expect(screen.getByText('Once upon')).toBeInTheDocument())
    expect(screen.getByText('Stopped')).toBeInTheDocument()
    expect(screen.queryByRole('button', { name: 'Stop answering' })).not.toBeInTheDocument()
  })

  test('the next message waits, and goes out when it is done', async () => {
    const chat = chatWithRun()
    const { user } = await openChat()
    await screen.findByRole('button', { name: 'Stop answering' })

    await user.type(await field(), 'And then?{Enter}')
    const waiting = await screen.findByRole('region', { name: 'Messages that wait' })
    expect(waiting).toHaveTextContent('And then?')
    expect(chat.questions).toEqual([])
    chat.ends(running, { content: 'Once upon a time.' })

    await waitFor(() => expect(chat.questions).toMatchObject([{ content: 'And then?', parent_id: 'r' }]))
    expect(screen.queryByRole('region', { name: 'Messages that wait' })).not.toBeInTheDocument()
  })

  test('a waiting message can be changed and taken out', async () => {
    chatWithRun()
    const { user } = await openChat()
    await screen.findByRole('button', { name: 'Stop answering' })
    await user.type(await field(), 'And then?{Enter}')

    await user.click(await screen.findByRole('button', { name: 'Edit waiting message' }))
    expect(await field()).toHaveValue('And then?')
    await user.type(await field(), '{Enter}')
    await user.click(await screen.findByRole('button', { name: 'Remove waiting message' }))

    expect(screen.queryByRole('region', { name: 'Messages that wait' })).not.toBeInTheDocument()
  })

  test('a waiting message is held when the answer fails', async () => {
    const chat = chatWithRun()
    const { user } = await openChat()
    await screen.findByRole('button', { name: 'Stop answering' })
    await user.type(await field(), 'And then?{Enter}')

    const error = { code: 'stream_cut', message: 'Cut.', request_id: 'r-1', details: [], provider: 'studio' }
    chat.ends(running, { status: 'failed', error })
    await user.click(await screen.findByRole('button', { name: 'Send now' }))

    await waitFor(() => expect(chat.questions).toMatchObject([{ content: 'And then?' }]))
  })
})

describe('changing the tree', () => {
  const second = answerOf({ ...answer, id: 'b', content: 'Rayleigh.' })

  test('another answer is asked for, also of another model', async () => {
    const chat = fakeChat([question, answer])
    const { user } = await openChat()

    await user.click(await screen.findByRole('button', { name: 'Answer again' }))
    await waitFor(() => expect(chat.again).toEqual([{ parameters: {}, stream: false }]))
    await screen.findByRole('button', { name: 'Stop answering' })
    chat.ends(chat.answer())
    expect(await screen.findByRole('group', { name: 'Versions' })).toHaveTextContent('2/2')
    await user.click(await screen.findByRole('button', { name: 'Answer again with another model' }))
    await user.click(await screen.findByRole('option', { name: /Seer/ }))

    await waitFor(() => expect(chat.again[1]).toEqual({ parameters: {}, model: 'studio/seer', stream: false }))
  })

  test('versions are counted and switched', async () => {
    const chat = fakeChat([question, answer, second])
    const { user } = await openChat()
    const versions = await screen.findByRole('group', { name: 'Versions' })
    expect(versions).toHaveTextContent('2/2')

    await user.click(within(versions).getByRole('button', { name: 'Version before' }))

    expect(await screen.findByText('Because of the light.')).toBeInTheDocument()
    expect(screen.queryByText('Rayleigh.')).not.toBeInTheDocument()
    await waitFor(() => expect(chat.changes).toEqual([{ active_message_id: 'a' }]))
  })

  test('an edited question is asked beside the old one', async () => {
    const chat = fakeChat([question, answer])
    const { user } = await openChat()

    await user.click(await screen.findByRole('button', { name: 'Edit question' }))
    const editor = screen.getByRole('textbox', { name: 'Edit question' })
    await user.clear(editor)
    await user.type(editor, 'Why is it red?{Enter}')

    expect(await screen.findByText('Why is it red?')).toBeInTheDocument()
    await waitFor(() => expect(chat.questions).toMatchObject([{ content: 'Why is it red?', parent_id: null }]))
    expect(screen.queryByText('Because of the light.')).not.toBeInTheDocument()
  })

  test('a deleted answer can be brought back', async () => {
    const chat = fakeChat([question, answer, second])
    const { user } = await openChat()
    await user.click(await screen.findByRole('button', { name: 'More about this answer' }))
    await user.click(screen.getByRole('menuitem', { name: 'Delete' }))

    expect(await screen.findByText('Because of the light.')).toBeInTheDocument()
    await user.click(await screen.findByRole('button', { name: 'Undo' }))

    await waitFor(() => expect([chat.deleted, chat.restored]).toEqual([['b'], ['b']]))
  })

  test('a thumb is kept', async () => {
    fakeChat([question, answer])
    const rated = answers('patch', '/api/v1/conversations/{id}/messages/{message_id}', { ...answer, feedback: 'up' })
    const { user } = await openChat()

    await user.click(await screen.findByRole('button', { name: 'Good answer' }))

    await waitFor(() => expect(rated.map(({ body }) => body)).toEqual([{ feedback: 'up' }]))
    expect(screen.getByRole('button', { name: 'Good answer' })).toHaveAttribute('aria-pressed', 'true')
  })
})

describe('a failed answer', () => {
  const failed: Message = {
    ...answer,
    status: 'failed',
    content: 'Because',
    error: {
      code: 'provider_unreachable',
      message: 'Connection refused.',
      request_id: 'req-7',
      details: [],
      provider: 'studio',
    },
  }

  const provider = providerOf('studio', { base_url: 'http://localhost:1234/v1' })

  test('keeps its text, says what happened and offers the next steps', async () => {
    const chat = fakeChat([question, failed])
    answers('get', '/api/v1/llm-providers/{id}', provider)
    answers('get', '/api/v1/llm-providers/models', MODELS)
    const { user } = await openChat()

    const shown = await screen.findByRole('article', { name: 'Answer' })
    expect(await within(shown).findByText('Because')).toBeInTheDocument()
    expect(
      await within(shown).findByText('studio isn’t answering at localhost:1234. Is its server running?'),
    ).toBeInTheDocument()
    expect(within(shown).getByText('Connection refused.')).toBeInTheDocument()
    expect(within(shown).getByText('Request req-7')).toBeInTheDocument()
    expect(within(shown).queryByRole('button', { name: 'Test connection' })).not.toBeInTheDocument()
    await user.click(within(shown).getByRole('button', { name: 'Try again' }))

    await waitFor(() => expect(chat.again).toHaveLength(1))
  })

  test('leads administrators to the provider', async () => {
    fakeChat([question, failed])
    answers('get', '/api/v1/llm-providers/{id}', provider)
    answers('get', '/api/v1/llm-providers/models', MODELS)
    const { user, address } = await openChat({ me: administrator() })

    await user.click(await screen.findByRole('button', { name: 'Test connection' }))

    await waitFor(() => expect(address()).toBe('/admin/providers/studio'))
  })
})

describe('what goes along', () => {
  test('a file is sent up when it is chosen, and its id with the question', async () => {
    const chat = fakeChat([question, answer])
    answers('post', '/api/v1/attachments', fileOf({ id: 'f-1' }))
    const { user } = await openChat()
    await field()

    await user.upload(screen.getByLabelText('Attach files', { selector: 'input' }), new File(['# Notes'], 'notes.md'))
    expect(await screen.findByRole('button', { name: 'Remove notes.md' })).toBeInTheDocument()
    await waitFor(() => expect(screen.queryByText(/^Sending/)).not.toBeInTheDocument())
    await user.type(await field(), 'Read it{Enter}')

    await waitFor(() => expect(chat.questions).toMatchObject([{ content: 'Read it', attachments: ['f-1'] }]))
    expect(await screen.findByRole('button', { name: /notes.md/ })).toBeInTheDocument()
  })

  test('what no model can read is said before anything is sent', async () => {
    fakeChat([question, answer])
    const { user } = await openChat()
    await field()

    await user.upload(
      screen.getByLabelText('Attach files', { selector: 'input' }),
      new File(['…'], 'song.mp3', { type: 'audio/mpeg' }),
    )

    expect(await screen.findByText('Models can read pictures, PDFs and text files, not this one')).toBeInTheDocument()
    expect(screen.getByRole('button', { name: 'Send' })).toBeDisabled()
  })
})

test('without any model, the next step is to add a provider', async () => {
  fakeChat([])
  answers('get', '/api/v1/llm-providers/models', listedOf([]))
  await renderApp('/', { me: administrator() })

  expect(await screen.findByRole('link', { name: 'Add provider' })).toHaveAttribute('href', '/admin/providers/new')
})

test('a draft is there again when the conversation is opened again', async () => {
  fakeChat([question, answer])
  const { user, unmount } = await openChat()
  await user.type(await field(), 'half a thought')
  unmount()

  await openChat()

  expect(await field()).toHaveValue('half a thought')
})

test('words are found in the whole conversation', async () => {
  fakeChat([question, answer])
  const { user } = await openChat()
  await field()

  await user.keyboard('{Control>}f{/Control}')
  await user.type(screen.getByRole('textbox', { name: 'Find in this conversation' }), 'LIGHT')

  expect(await screen.findByText('1/1')).toBeInTheDocument()
})
