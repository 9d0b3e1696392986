import { screen, waitFor, within } from '@testing-library/react'
import { useState } from 'react'
import { describe, expect, test } from 'vitest'
import type { Preset } from '../../api/presets'
import { answers, page, refuses } from '../../test/gateway'
import { renderPart } from '../../test/render'
import { listedOf, modelOf, parameterOf } from '../model-picker/listed-builder'
import { ParameterPanel } from './parameter-panel'
import type { Values } from './values'

const MODEL = modelOf('box/a', {
  name: 'Model A',
  max_output_tokens: 8000,
  parameters: [
    parameterOf('temperature', { minimum: 0, maximum: 2, default: 0.8 }),
    parameterOf('max_tokens', { type: 'integer', minimum: 1 }),
    parameterOf('reasoning_effort', { type: 'string', choices: ['low', 'high'], default: 'low' }),
    parameterOf('stop', { type: 'stop', maximum: 2 }),
    parameterOf('seed', { type: 'integer' }),
    parameterOf('top_k', { type: 'integer', treatment: 'dropped' }),
    parameterOf('logit_bias', { type: 'object' }),
    parameterOf('mirostat', { type: 'boolean', default: false }),
  ],
})

const EDITOR: Preset = {
  id: 'p1',
  name: 'Editor',
  parameters: { temperature: 0.2 },
  system_prompt: 'Be brief.',
  model: null,
  created_at: '2026-11-21T10:00:00Z',
  updated_at: '2026-11-21T10:00:00Z',
}

let now: { values: Values; prompt: string | null }

function Panel({ values, prompt }: { values: Values; prompt: string | null }) {
  const [value, setValue] = useState(values)
  const [systemPrompt, setSystemPrompt] = useState(prompt)
  now = { values: value, prompt: systemPrompt }
  return (
    <ParameterPanel
      open
      onOpenChange={() => {}}
      model="box/a"
      value={value}
      onChange={setValue}
      systemPrompt={systemPrompt}
      onSystemPromptChange={setSystemPrompt}
    />
  )
}

async function show(values: Values = {}, { prompt = null as string | null, presets = [] as Preset[] } = {}) {
  answers('get', '/api/v1/llm-providers/models', listedOf([MODEL]))
  answers('get', '/api/v1/llm-providers/models/{model_id}', MODEL)
  answers('get', '/api/v1/presets', page(presets))
  const shown = await renderPart(<Panel values={values} prompt={prompt} />)
  await screen.findByRole('slider', { name: 'Temperature' })
  return shown
}

function box(name: string) {
  return screen.getByRole('textbox', { name })
}

describe('the controls', () => {
  test('are those that the model takes, with its defaults', async () => {
    await show()

    expect(screen.getAllByRole('slider').map((slider) => slider.getAttribute('aria-label'))).toEqual([
      'Temperature',
      'Longest answer',
    ])
    expect(box('Temperature')).toHaveAttribute('placeholder', '0.8')
    expect(screen.getByRole('slider', { name: 'Temperature' })).toHaveAttribute('aria-valuetext', '0.8')
    expect(box('Longest answer')).toHaveAttribute('placeholder', 'auto')
    expect(screen.getByRole('combobox', { name: 'Reasoning effort' })).toHaveTextContent('Low')
    expect(box('Seed')).toHaveAttribute('placeholder', 'random')
    expect(screen.queryByText('Top k')).toBeNull()
  })

  test('keep a number as soon as it fits and name the bound while it does not', async () => {
    const { user } = await show()

    await user.type(box('Temperature'), '2,5')
    expect(box('Temperature')).toBeInvalid()
    expect(screen.getByText('At most 2.')).toBeVisible()
    expect(now.values).toEqual({ temperature: 2 })
    await user.clear(box('Temperature'))
    await user.type(box('Temperature'), '1,5')

    expect(now.values).toEqual({ temperature: 1.5 })
    expect(box('Temperature')).toBeValid()
  })

  test('know the model’s own limit', async () => {
    const { user } = await show()

    await user.type(box('Longest answer'), '9000')

    expect(screen.getByText('At most 8000.')).toBeVisible()
    expect(now.values).toEqual({ max_tokens: 900 })
  })

  test('go back to the default one by one', async () => {
    const { user } = await show({ temperature: 0, seed: 7 })

    await user.click(screen.getByRole('button', { name: 'Reset Temperature' }))

    expect(now.values).toEqual({ seed: 7 })
    expect(box('Temperature')).toHaveValue('')
  })

  test('move with the arrow keys', async () => {
    const { user } = await show({ temperature: 1 })

    screen.getByRole('slider', { name: 'Temperature' }).focus()
    await user.keyboard('{ArrowLeft}{ArrowLeft}')
    expect(now.values).toEqual({ temperature: 0.9 })
    await user.click(box('Temperature'))
    await user.keyboard('{ArrowUp}')

    expect(now.values).toEqual({ temperature: 0.95 })
  })

  test('take texts to stop at, as many as the model takes', async () => {
    const { user } = await show()

    await user.type(box('Stop at'), '\\nUser:{Enter}###{Enter}')

    expect(now.values).toEqual({ stop: ['\nUser:', '###'] })
    expect(box('Stop at')).toBeDisabled()
    await user.click(screen.getByRole('button', { name: 'Remove \\nUser:' }))
    expect(now.values).toEqual({ stop: ['###'] })
  })

  test('of unknown parameters follow their type', async () => {
    const { user } = await show()
    await user.click(screen.getByText('More parameters'))

    await user.click(screen.getByRole('switch', { name: 'mirostat' }))
    await user.click(box('Logit bias'))
    await user.paste('[1]')
    expect(screen.getByText('An object is needed: {…}')).toBeVisible()
    await user.clear(box('Logit bias'))
    await user.paste('{"50256": -100}')

    expect(now.values).toEqual({ mirostat: true, logit_bias: { 50256: -100 } })
  })
})

describe('values without a control', () => {
  test('say what becomes of them and can be removed', async () => {
    const { user } = await show({ top_k: 40, custom: { a: 1 } })

    expect(screen.getByRole('region', { name: 'Not taken by Model A' })).toHaveTextContent('Top k40')
    expect(screen.getByRole('region', { name: 'Passed on as they are' })).toHaveTextContent('custom{"a":1}')
    await user.click(screen.getByRole('button', { name: 'Remove Top k' }))

    expect(now.values).toEqual({ custom: { a: 1 } })
  })
})

describe('everything at once', () => {
  test('goes back to its default, and comes back', async () => {
    const { user } = await show({ temperature: 0 }, { prompt: 'Be kind.' })

    await user.click(screen.getByRole('button', { name: 'Reset all' }))
    expect(now).toEqual({ values: {}, prompt: null })
    await user.click(screen.getByRole('button', { name: 'Undo' }))

    expect(now).toEqual({ values: { temperature: 0 }, prompt: 'Be kind.' })
  })
})

describe('presets', () => {
  test('are applied and taken back', async () => {
    const { user } = await show({ seed: 1 }, { presets: [EDITOR] })

    await user.click(await screen.findByRole('button', { name: 'Presets' }))
    await user.click(await screen.findByRole('menuitemcheckbox', { name: 'Editor' }))
    expect(now).toEqual({ values: { temperature: 0.2 }, prompt: 'Be brief.' })
    expect(await screen.findByRole('button', { name: 'Editor' })).toBeVisible()
    await user.click(screen.getByRole('button', { name: 'Undo' }))

    expect(now).toEqual({ values: { seed: 1 }, prompt: null })
  })

  test('keep what is set now under a name', async () => {
    const { user } = await show({ temperature: 0.2 }, { prompt: 'Be brief.' })
    const created = answers('post', '/api/v1/presets', EDITOR)

    await user.click(await screen.findByRole('button', { name: 'Presets' }))
    await user.click(await screen.findByRole('menuitem', { name: 'Save as a preset' }))
    await user.type(await screen.findByRole('textbox', { name: 'Name' }), 'Editor')
    await user.click(screen.getByRole('checkbox', { name: 'With the model Model A' }))
    await user.click(screen.getByRole('button', { name: 'Save' }))

    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull())
    expect(created.map(({ body }) => body)).toEqual([
      { name: 'Editor', parameters: { temperature: 0.2 }, system_prompt: 'Be brief.', model: 'box/a' },
    ])
  })

  test('are renamed, deleted and brought back', async () => {
    const { user } = await show({}, { presets: [EDITOR] })
    const renamed = answers('patch', '/api/v1/presets/{id}', { ...EDITOR, name: 'Reader' })
    const deleted = answers('delete', '/api/v1/presets/{id}', { id: 'p1', deleted: true })
    const created = answers('post', '/api/v1/presets', EDITOR)

    await user.click(await screen.findByRole('button', { name: 'Presets' }))
    await user.click(await screen.findByRole('menuitem', { name: 'Manage presets' }))
    const dialog = within(await screen.findByRole('dialog'))
    await user.click(dialog.getByRole('button', { name: 'Rename Editor' }))
    await user.clear(dialog.getByRole('textbox', { name: 'Name' }))
    await user.type(dialog.getByRole('textbox', { name: 'Name' }), 'Reader{Enter}')
    await waitFor(() => expect(renamed.map(({ body }) => body)).toEqual([{ name: 'Reader' }]))
    await user.click(await dialog.findByRole('button', { name: 'Delete Editor' }))
    await waitFor(() => expect(deleted.map(({ params }) => params)).toEqual([{ id: 'p1' }]))
    await user.click(await dialog.findByRole('button', { name: 'Undo' }))

    await waitFor(() => expect(created).toHaveLength(1))
    expect(created[0]?.body).toEqual({
      name: 'Editor',
      parameters: { temperature: 0.2 },
      system_prompt: 'Be brief.',
      model: null,
    })
  })
})

test('what the model takes could not be loaded: it can be tried again', async () => {
  answers('get', '/api/v1/llm-providers/models', listedOf([MODEL]))
  refuses('get', '/api/v1/llm-providers/models/{model_id}', 503, { code: 'no_provider' })
  answers('get', '/api/v1/presets', page([]))
  const { user } = await renderPart(<Panel values={{}} prompt={null} />)
  expect(await screen.findByText('What this model takes could not be loaded.')).toBeVisible()
  answers('get', '/api/v1/llm-providers/models/{model_id}', MODEL)

  await user.click(screen.getByRole('button', { name: 'Try again' }))

  expect(await screen.findByRole('slider', { name: 'Temperature' })).toBeVisible()
})
