import { screen, waitFor, within } from '@testing-library/react'
import { useState } from 'react'
import { describe, expect, test, vi } from 'vitest'
import type { Schemas } from '../../api/client'
import { administrator, answers, page, refuses } from '../../test/gateway'
import { type Rendered, renderPart } from '../../test/render'
import { providerOf } from '../ladder/provider-builder'
import { listedOf, listingOf, modelOf } from './listed-builder'
import { ModelPicker } from './model-picker'

const LIST = '/api/v1/llm-providers/models'

const everything = listedOf(
  [
    modelOf('local/toy', {
      name: 'Patchbay toy',
      reads_images: false,
      state: 'loaded',
      capabilities: ['chat', 'toy', 'tools'],
    }),
    modelOf('groq/gpt-oss', {
      reads_images: false,
      max_context_length: 131_072,
      capabilities: ['chat', 'tools', 'reasoning'],
    }),
    modelOf('groq/seer', { type: 'vlm', capabilities: ['chat', 'vision'], reads_images: true }),
    modelOf('studio/qwen3', { state: 'not-loaded', quantization: 'Q4_K_M' }),
    modelOf('studio/vectors', { type: 'embeddings', capabilities: ['embedding'] }),
  ],
  {
    aliases: [{ name: 'quick', model: 'groq/gpt-oss' }],
    defaults: { chat: 'local/toy', vision: null, embedding: null },
    providers: [
      listingOf('local', { name: 'This machine', is_default: true }),
      listingOf('groq', { name: 'Groq' }),
      listingOf('studio', {
        name: 'LM Studio',
        state: 'down',
        since: new Date(Date.now() - 200_000).toISOString(),
        age_s: 3600,
        error: 'Nothing listens there.',
      }),
    ],
  },
)

interface Shown extends Rendered {
  chosen: ReturnType<typeof vi.fn>
}

function Picker({ needsVision, onChosen }: { needsVision: boolean; onChosen: (id: string) => void }) {
  const [value, setValue] = useState<string | null>(null)
  const choose = (id: string) => {
    onChosen(id)
    setValue(id)
  }
  return <ModelPicker value={value} onChange={choose} needsVision={needsVision} />
}

async function show(
  listed: Schemas['ModelListOut'] = everything,
  { needsVision = false, me = administrator() } = {},
): Promise<Shown> {
  answers('get', LIST, listed)
  answers('get', '/api/v1/llm-providers', page([providerOf('studio', { acts: ['load', 'unload'] })]))
  answers('get', '/api/v1/llm-providers/models/operations', page([]))
  const chosen = vi.fn()
  return { ...(await renderPart(<Picker needsVision={needsVision} onChosen={chosen} />, { me })), chosen }
}

async function opened(...args: Parameters<typeof show>): Promise<Shown> {
  const shown = await show(...args)
  await shown.user.click(await screen.findByRole('button', { name: /^Model:/ }))
  await screen.findByRole('combobox')
  return shown
}

function options(): string[] {
  return screen.getAllByRole('option').map((option) => option.id.replace(/^.*?-(?=pinned|recent|aliases|provider)/, ''))
}

function active(): string {
  const id = screen.getByRole('combobox').getAttribute('aria-activedescendant')
  return document.getElementById(id ?? '')?.textContent ?? ''
}

describe('the button', () => {
  test('names the model that will answer, where it runs and how it is', async () => {
    await show()

    expect(await screen.findByRole('button', { name: /Patchbay toy.*This machine · loaded/ })).toBeVisible()
  })

  test('keeps the name of a model that is not listed any more', async () => {
    answers('get', LIST, everything)
    await renderPart(<ModelPicker value="groq/openai/gone" onChange={() => {}} />)

    expect(await screen.findByRole('button', { name: /openai\/gone.*not listed any more/ })).toBeVisible()
  })
})

describe('the open list', () => {
  test('has aliases, then each provider with its state, and never what makes no chats', async () => {
    await opened()

    expect(options()).toEqual([
      'aliases-quick',
      'provider_local-local/toy',
      'provider_groq-groq/gpt-oss',
      'provider_groq-groq/seer',
      'provider_studio-studio/qwen3',
    ])
    const groups = screen.getAllByRole('group').map((group) => group.getAttribute('aria-labelledby') ?? '')
    expect(groups.map((id) => document.getElementById(id)?.textContent)).toEqual([
      'Aliases ',
      'This machine 1 model',
      'Groq 2 models',
      expect.stringMatching(/^LM Studio not answering for 3.min, list from/),
    ])
  })

  test('says what a model can do and how it is', async () => {
    await opened()

    const toy = screen.getByRole('option', { name: /Patchbay toy/ })
    expect(toy).toHaveAccessibleName(/loaded Patchbay toy toy default Uses tools/)
    expect(toy).toHaveAttribute('aria-selected', 'true')
    expect(screen.getByRole('option', { name: /qwen3/ })).toHaveAccessibleName(/provider down qwen3.*Q4_K_M/)
    expect(screen.getByRole('option', { name: /gpt-oss Uses tools Reasons.*128k/ })).toBeVisible()
  })

  test('is asked for again at once, without waiting for anybody', async () => {
    const asked = answers('get', LIST, everything)
    const { user } = await renderPart(<ModelPicker value={null} onChange={() => {}} />)
    const button = await screen.findByRole('button', { name: /Patchbay toy/ })
    const before = asked.length

    await user.click(button)

    expect(screen.getAllByRole('option')).toHaveLength(5)
    await waitFor(() => expect(asked).toHaveLength(before + 1))
    expect(asked.map(({ url }) => url.searchParams.get('wait'))).toEqual(Array(before + 1).fill('false'))
  })
})

describe('the keyboard', () => {
  test('walks through the options and chooses', async () => {
    const { user, chosen } = await opened()
    expect(screen.getByRole('combobox')).toHaveFocus()
    expect(active()).toContain('Patchbay toy')

    await user.keyboard('{ArrowDown}{ArrowDown}{ArrowUp}')
    expect(active()).toContain('gpt-oss')
    await user.keyboard('{End}')
    expect(active()).toContain('qwen3')
    await user.keyboard('{ArrowDown}')
    expect(active()).toContain('quick')
    await user.keyboard('{Enter}')

    expect(chosen).toHaveBeenCalledWith('quick')
    expect(screen.queryByRole('listbox')).toBeNull()
  })

  test('finds by typing, and Escape leaves everything as it was', async () => {
    const { user, chosen } = await opened()

    await user.keyboard('gro se')
    await waitFor(() => expect(screen.getAllByRole('option')).toHaveLength(1))
    expect(active()).toContain('seer')
    await user.keyboard('{Escape}')

    expect(chosen).not.toHaveBeenCalled()
    expect(screen.queryByRole('listbox')).toBeNull()
    expect(screen.getByRole('button', { name: /Patchbay toy/ })).toHaveFocus()
  })

  test('pins, and pins and choices come first the next time', async () => {
    const { user } = await opened()
    await user.keyboard('{End}{Alt>}p{/Alt}')
    await user.click(screen.getByRole('option', { name: /seer/ }))

    await user.click(screen.getByRole('button', { name: /^Model:/ }))

    expect(options().slice(0, 3)).toEqual(['pinned-studio/qwen3', 'recent-groq/seer', 'aliases-quick'])
    expect(within(screen.getByRole('dialog')).getByRole('button', { name: 'Pin to the top' })).toBeVisible()
  })
})

describe('for images', () => {
  test('it offers what sees or may see, and the rest when asked', async () => {
    const { user } = await opened(everything, { needsVision: true })
    expect(options()).toEqual(['provider_groq-groq/seer', 'provider_studio-studio/qwen3'])

    await user.click(screen.getByRole('button', { name: 'Show all' }))

    expect(screen.getAllByRole('option')).toHaveLength(5)
  })
})

describe('where there is nothing', () => {
  test('an administrator is led to adding a provider', async () => {
    const { user, address } = await opened(listedOf([]))

    await user.click(screen.getByRole('link', { name: 'Add provider' }))

    expect(address()).toBe('/admin/providers/new')
  })

  test('everybody else hears who can', async () => {
    await opened(listedOf([]), { me: administrator({ role: 'user', permissions: [] }) })

    expect(screen.getByText('An administrator can add one.')).toBeVisible()
    expect(screen.queryByRole('link')).toBeNull()
  })

  test('nothing matches', async () => {
    const { user } = await opened()

    await user.keyboard('zzz')

    expect(await screen.findByText('No model matches “zzz”')).toBeVisible()
  })

  test('what could not be loaded can be tried again', async () => {
    refuses('get', LIST, 500, { code: 'internal' })
    const { user } = await renderPart(<ModelPicker value={null} onChange={() => {}} />)
    await user.click(screen.getByRole('button', { name: /^Model:/ }))
    expect(await screen.findByText('The models could not be loaded.')).toBeVisible()
    answers('get', LIST, everything)

    await user.click(screen.getByRole('button', { name: 'Try again' }))

    expect(await screen.findByRole('option', { name: /Patchbay toy/ })).toBeVisible()
  })
})

test('a model in nobody’s memory is loaded from its details', async () => {
  const { user } = await opened()
  const asked = refuses('post', '/api/v1/llm-providers/models/load', 409, { code: 'model_busy', message: 'Not now.' })
  await user.keyboard('qwen3')

  await user.click(await screen.findByRole('button', { name: 'Load qwen3' }))

  expect(asked[0]?.body).toEqual({ model: 'studio/qwen3', exclusive: false })
  expect(await screen.findByText('Not now.')).toBeVisible()
})
