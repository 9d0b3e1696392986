import { act, screen, waitFor, within } from '@testing-library/react'
import { HttpResponse, http } from 'msw'
import { afterEach, describe, expect, test } from 'vitest'
import type { SignInSession } from '../../api/account'
import type { Conversation } from '../../api/conversation-types'
import { chooseLanguage } from '../../i18n'
import { conversationOf } from '../../parts/conversation/conversation-builder'
import { catchDownloads } from '../../test/downloads'
import { answers, atPath, network, page, refuses, somebody } from '../../test/gateway'
import { type Rendered, renderPart } from '../../test/render'
import { SettingsScreen } from './settings-screen'

const LIST = '/api/v1/conversations'
const SESSIONS = '/api/v1/auth/sessions'
const CHANGE = '/api/v1/auth/change-password'

function sessionOf(id: string, fields: Partial<SignInSession> = {}): SignInSession {
  return {
    id,
    address: '10.0.0.7',
    current: false,
    user_agent: 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
    created_at: '2026-11-20T10:00:00Z',
    last_seen_at: '2026-11-21T10:00:00Z',
    expires_at: '2026-12-21T10:00:00Z',
    ...fields,
  }
}

interface Kept {
  archived?: Conversation[]
  deleted?: Conversation[]
  sessions?: SignInSession[]
}

/** The settings, and a gateway that keeps these. */
async function show(kept: Kept = {}): Promise<Rendered> {
  answers('get', LIST, ({ url }) => page((url.searchParams.has('archived') ? kept.archived : kept.deleted) ?? []))
  answers('get', SESSIONS, () => page(kept.sessions ?? [sessionOf('this', { current: true })]))
  return renderPart(<SettingsScreen />, { me: somebody() })
}

async function section(name: string) {
  const found = (await screen.findByRole('heading', { name })).closest('section')
  if (found === null) throw new Error(`Nothing stands below ${name}`)
  return within(found)
}

describe('appearance', () => {
  afterEach(() => act(() => chooseLanguage('en')))

  test('theme, language and the key that sends are kept in this browser', async () => {
    let repaints = 0
    const count = () => {
      repaints += 1
    }
    addEventListener('pb-theme', count)
    const { user, unmount } = await show()

    await user.click(await screen.findByRole('radio', { name: 'Dark' }))
    await user.click(screen.getByRole('radio', { name: 'Ctrl Enter' }))
    await user.click(screen.getByRole('radio', { name: 'Deutsch' }))

    expect(await screen.findByRole('heading', { name: 'Einstellungen' })).toBeVisible()
    expect(document.documentElement.lang).toBe('de')
    expect(repaints).toBe(1)
    unmount()
    removeEventListener('pb-theme', count)
    expect({ ...localStorage }).toMatchObject({
      'pb.theme': 'dark',
      'pb.send-key': 'mod-enter',
      'pb.language': 'de',
    })

    await show()
    expect(await screen.findByRole('radio', { name: 'Dunkel' })).toBeChecked()
    expect(screen.getByRole('radio', { name: 'Ctrl Enter' })).toBeChecked()
    expect(screen.getByRole('radio', { name: 'Deutsch' })).toBeChecked()
  })
})

describe('the password', () => {
  test('is changed, and the fields are empty again', async () => {
    const changed = answers('post', CHANGE, somebody())
    const { user } = await show()
    const current = await screen.findByLabelText('Current password')
    expect(screen.getByText(/^You are signed in as ada\./)).toBeVisible()

    await user.type(current, 'old horse')
    await user.type(screen.getByLabelText('New password'), 'correct horse')
    await user.click(screen.getByRole('button', { name: 'Change password' }))

    expect(await screen.findByText('Your password was changed.')).toBeVisible()
    expect(changed[0]?.body).toEqual({ current_password: 'old horse', new_password: 'correct horse' })
    expect(current).toHaveValue('')
    expect(screen.getByLabelText('New password')).toHaveValue('')
  })

  test('stays as it is when the current one is wrong', async () => {
    refuses('post', CHANGE, 400, {
      code: 'invalid_request',
      details: [{ field: 'current_password', problem: 'is not right' }],
    })
    const { user } = await show()
    const current = await screen.findByLabelText('Current password')

    await user.type(current, 'mistyped')
    await user.type(screen.getByLabelText('New password'), 'correct horse{Enter}')

    await waitFor(() => expect(current).toHaveAccessibleDescription('That isn’t your password.'))
    expect(screen.queryByText('Your password was changed.')).toBeNull()
  })
})

describe('sessions', () => {
  test('of other devices are ended, this one is not', async () => {
    const sessions = [sessionOf('this', { current: true }), sessionOf('other', { user_agent: 'curl/8.0' })]
    const ended = answers('delete', '/api/v1/auth/sessions/{id}', ({ params }) => {
      sessions.pop()
      return { deleted: true as const, id: params.id ?? '' }
    })
    const { user } = await show({ sessions })
    const [here, there] = (await (await section('Signed in')).findAllByRole('listitem')).map((row) => within(row))
    expect(here?.getByText('Firefox, Linux')).toHaveTextContent('This one')
    expect(here?.queryByRole('button')).toBeNull()
    expect(there?.getByText('Unknown program')).toBeVisible()

    await user.click(there?.getByRole('button', { name: 'End' }) as HTMLElement)

    await waitFor(() => expect(screen.queryByText('Unknown program')).toBeNull())
    expect(ended[0]?.params).toEqual({ id: 'other' })
    expect(screen.getByText('Firefox, Linux')).toBeVisible()
  })

  test('that can’t be ended or loaded say why', async () => {
    refuses('delete', '/api/v1/auth/sessions/{id}', 404, { code: 'not_found', message: 'There is no such session.' })
    const { user } = await show({ sessions: [sessionOf('other')] })
    await user.click(await screen.findByRole('button', { name: 'End' }))
    expect(await screen.findByText('There is no such session.')).toBeVisible()

    refuses('get', SESSIONS, 503, { code: 'unavailable', message: 'The database is away.' })
    await user.click(screen.getByRole('button', { name: 'End' }))

    expect(await (await section('Signed in')).findByText('The database is away.')).toBeVisible()
  })
})

describe('one’s conversations', () => {
  test('come out as one file', async () => {
    const files = catchDownloads()
    const headers = { 'Content-Disposition': "attachment; filename*=UTF-8''meine%20Chats.json" }
    network.use(http.get(atPath('/api/v1/conversations/export'), () => new HttpResponse('{"chats":[]}', { headers })))
    const { user } = await show()

    await user.click(await screen.findByRole('button', { name: 'Export all' }))

    await waitFor(() => expect(files).toEqual([{ name: 'meine Chats.json', text: '{"chats":[]}' }]))
  })

  test('that can’t be had as a file say why', async () => {
    refuses('get', '/api/v1/conversations/export', 503, { code: 'unavailable', message: 'The database is away.' })
    const { user } = await show()

    await user.click(await screen.findByRole('button', { name: 'Export all' }))

    expect(await screen.findByRole('alert')).toHaveTextContent('The database is away.')
  })

  test('that could not be had are no trouble any more once others are imported, and the other way round', async () => {
    refuses('get', '/api/v1/conversations/export', 503, { code: 'unavailable', message: 'The database is away.' })
    answers('post', '/api/v1/conversations/import', { imported: 2, conversation_ids: ['a', 'b'], skipped: [] })
    const { user } = await show()
    await user.click(await screen.findByRole('button', { name: 'Export all' }))
    expect(await screen.findByRole('alert')).toHaveTextContent('The database is away.')

    await user.upload(screen.getByLabelText('File with conversations'), new File(['[]'], 'conversations.json'))

    expect(await screen.findByText('2 conversations were imported.')).toBeVisible()
    expect(screen.queryByRole('alert')).not.toBeInTheDocument()

    await user.click(screen.getByRole('button', { name: 'Export all' }))

    expect(await screen.findByRole('alert')).toHaveTextContent('The database is away.')
    expect(screen.queryByText('2 conversations were imported.')).not.toBeInTheDocument()
  })

  test('come in from a file: what was taken, and what was left out', async () => {
    const archived: Conversation[] = []
    const bodies: string[] = []
    network.use(
      http.post(atPath('/api/v1/conversations/import'), async ({ request }) => {
        bodies.push(await request.text())
        archived.push(conversationOf({ title: 'From elsewhere', archived: true }))
        const skipped = [{ title: 'Broken', problem: 'it has no messages' }]
        return HttpResponse.json({ success: true, data: { imported: 2, conversation_ids: ['a', 'b'], skipped } })
      }),
    )
    const { user } = await show({ archived })
    const file = new File(['[{"title":"Bread"}]'], 'conversations.json', { type: 'application/json' })

    await user.upload(await screen.findByLabelText('File with conversations'), file)

    expect(await screen.findByText('2 conversations were imported.')).toBeVisible()
    await user.click(screen.getByText('1 was left out'))
    expect(screen.getByText('Broken: it has no messages')).toBeVisible()
    expect(bodies[0]).toContain('name="file"; filename="conversations.json"')
    expect(bodies[0]).toContain('[{"title":"Bread"}]')
    expect(await screen.findByRole('link', { name: 'From elsewhere' })).toBeVisible()
  })

  test('of a file that is none of these are refused in the gateway’s words', async () => {
    refuses('post', '/api/v1/conversations/import', 400, { code: 'invalid_request', message: 'This is no export.' })
    const { user } = await show()

    await user.upload(await screen.findByLabelText('File with conversations'), new File(['{}'], 'notes.json'))

    expect(await screen.findByRole('alert')).toHaveTextContent('This is no export.')
  })
})

describe('what was put away', () => {
  test('is taken out of the archive', async () => {
    const archived = [conversationOf({ id: 'bread', title: 'Bread', archived: true })]
    const changed = answers('patch', '/api/v1/conversations/{id}', () => archived.pop() as Conversation)
    const { user } = await show({ archived })
    const archive = await section('Archive')
    expect(await archive.findByRole('link', { name: 'Bread' })).toHaveAttribute('href', '/c/bread')

    await user.click(archive.getByRole('button', { name: 'Take out' }))

    expect(await archive.findByText('Nothing is archived.')).toBeVisible()
    expect(changed[0]).toMatchObject({ params: { id: 'bread' }, body: { archived: false } })
  })

  test('comes back from the trash', async () => {
    const deleted = [conversationOf({ id: 'bread', title: '' })]
    const restored = answers('post', '/api/v1/conversations/{id}/restore', () => deleted.pop() as Conversation)
    const { user } = await show({ deleted })
    const trash = await section('Trash')
    expect(await trash.findByText('New conversation')).toBeVisible()

    await user.click(trash.getByRole('button', { name: 'Restore' }))

    expect(await trash.findByText('The trash is empty.')).toBeVisible()
    expect(restored[0]?.params).toEqual({ id: 'bread' })
  })

  test('is deleted for good after a question, or it is said why not', async () => {
    const deleted = [conversationOf({ id: 'bread', title: 'Bread' })]
    refuses('delete', '/api/v1/conversations/{id}', 409, { code: 'conflict', message: 'It is being answered.' })
    const { user } = await show({ deleted })
    const erase = async () => {
      await user.click(await screen.findByRole('button', { name: 'Delete for good' }))
      const sure = within(await screen.findByRole('dialog', { name: 'Delete “Bread” for good?' }))
      await user.click(sure.getByRole('button', { name: 'Delete for good' }))
    }
    await erase()
    expect(await screen.findByText('It is being answered.')).toBeVisible()
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull())

    const gone = answers('delete', '/api/v1/conversations/{id}', ({ params }) => {
      deleted.pop()
      return { deleted: true as const, id: params.id ?? '' }
    })
    await erase()

    expect(await screen.findByText('The trash is empty.')).toBeVisible()
    expect(gone[0]?.url.searchParams.get('permanent')).toBe('true')
  })

  test('follows page by page', async () => {
    const bread = conversationOf({ id: 'bread', title: 'Bread' })
    const tides = conversationOf({ id: 'tides', title: 'Tides' })
    answers('get', SESSIONS, page<SignInSession>([]))
    answers('get', LIST, ({ url }) =>
      url.searchParams.get('cursor') === 'older' ? page([tides]) : page([bread], 'older'),
    )
    const { user } = await renderPart(<SettingsScreen />)
    const archive = await section('Archive')

    await user.click(await archive.findByRole('button', { name: 'Show more' }))

    expect(await archive.findByRole('link', { name: 'Tides' })).toBeVisible()
    expect(archive.getByRole('link', { name: 'Bread' })).toBeVisible()
    expect(archive.queryByRole('button', { name: 'Show more' })).toBeNull()
  })

  test('and can’t be loaded is asked for again', async () => {
    refuses('get', LIST, 503, { code: 'unavailable', message: 'The database is away.' })
    answers('get', SESSIONS, page<SignInSession>([]))
    const { user } = await renderPart(<SettingsScreen />)
    const archive = await section('Archive')
    expect(await archive.findByText('The database is away.')).toBeVisible()

    answers('get', LIST, page<Conversation>([]))
    await user.click(archive.getByRole('button', { name: 'Try again' }))

    expect(await archive.findByText('Nothing is archived.')).toBeVisible()
  })
})
