import { screen, waitFor, within } from '@testing-library/react'
import { expect, test } from 'vitest'
import type { Operation } from '../../api/lifecycle'
import { providerOf } from '../../parts/ladder/provider-builder'
import { listedOf, modelOf, parameterOf } from '../../parts/model-picker/listed-builder'
import { administrator, answers, page, refuses, somebody } from '../../test/gateway'
import { renderPart } from '../../test/render'
import { ModelsScreen } from './models-screen'

const STUDIO = providerOf('studio', {
  name: 'Studio',
  acts: ['download', 'load', 'unload'],
  load_options: [
    parameterOf('flash_attention', { type: 'boolean' }),
    parameterOf('progress', { type: 'boolean', default: false }),
    parameterOf('num_experts', { type: 'integer' }),
  ],
})
const QWEN = modelOf('studio/qwen', { name: 'Qwen', state: 'not-loaded', max_context_length: 32_768 })
const GEMMA = modelOf('studio/gemma', { name: 'Gemma', state: 'loaded', quantization: 'Q4_K_M' })
const REMOTE = modelOf('cloud/gpt', { name: 'GPT', state: 'remote' })
const BEGUN = '2026-11-21T10:00:00Z'

function operationOf(fields: Partial<Operation> = {}): Operation {
  return {
    id: 'op-1',
    act: 'load',
    provider: 'studio',
    model: 'studio/qwen',
    state: 'running',
    progress: { fraction: null, done_bytes: null, total_bytes: null, detail: '' },
    elapsed_s: 1,
    result: null,
    error: null,
    started_by: 'ada',
    started_at: BEGUN,
    finished_at: null,
    ...fields,
  }
}

/** The operations are those of the moment in which they are asked for. */
function gateway(operations: () => Operation[] = () => []) {
  answers('get', '/api/v1/llm-providers', page([STUDIO, providerOf('cloud', { name: 'Cloud' })]))
  answers('get', '/api/v1/aliases', page([]))
  answers('get', '/api/v1/model-schedules', page([]))
  answers('get', '/api/v1/llm-providers/models', listedOf([QWEN, GEMMA, REMOTE]))
  answers('get', '/api/v1/llm-providers/models/operations', () => page(operations()))
}

async function rowOf(name: string) {
  const row = (await screen.findByRole('button', { name })).closest('tr')
  if (row === null) throw new Error(`${name} stands in no row`)
  return within(row)
}

test('a model is loaded, watched and ready', async () => {
  let operations: Operation[] = []
  gateway(() => operations)
  const asked = answers('post', '/api/v1/llm-providers/models/load', () => {
    operations = [operationOf({ progress: { fraction: 0.65, done_bytes: null, total_bytes: null, detail: '' } })]
    return operationOf()
  })
  const { user } = await renderPart(<ModelsScreen />, { me: administrator() })

  await user.click(await screen.findByRole('button', { name: 'Load Qwen' }))

  expect(asked[0]?.body).toEqual({ model: 'studio/qwen', exclusive: false })
  expect(asked[0]?.headers.get('Prefer')).toBe('respond-async')
  expect(await (await rowOf('Qwen')).findByText('65%')).toBeVisible()
  expect(screen.getByRole('progressbar', { name: 'Loading studio/qwen' })).toHaveAttribute('aria-valuenow', '65')

  operations = [operationOf({ state: 'done' })]
  answers('get', '/api/v1/llm-providers/models', listedOf([{ ...QWEN, state: 'loaded' }, GEMMA, REMOTE]))

  expect(await screen.findByRole('button', { name: 'Unload Qwen' })).toBeVisible()
  expect(screen.queryByRole('progressbar')).not.toBeInTheDocument()
})

test('what is being done can be stopped', async () => {
  let operations = [operationOf({ act: 'download', model: 'studio/big' })]
  gateway(() => operations)
  const asked = answers('post', '/api/v1/llm-providers/models/operations/{id}/stop', () => {
    operations = []
    return operationOf()
  })
  const { user } = await renderPart(<ModelsScreen />, { me: administrator() })

  await user.click(await screen.findByRole('button', { name: 'Stop: Downloading studio/big' }))

  expect(asked[0]?.params).toEqual({ id: 'op-1' })
  await waitFor(() => expect(screen.queryByRole('progressbar')).not.toBeInTheDocument())
})

test('a load that fails says why', async () => {
  let operations = [operationOf()]
  gateway(() => operations)
  await renderPart(<ModelsScreen />, { me: administrator() })
  await screen.findByRole('progressbar', { name: 'Loading studio/qwen' })

  operations = [operationOf({ state: 'failed', error: { code: 'provider_error', message: 'No memory is left.' } })]

  expect(await screen.findByText('studio/qwen was not loaded. No memory is left.')).toBeVisible()
})

test('it is loaded as wished: context, alone, options of the kind', async () => {
  gateway()
  answers('get', '/api/v1/llm-providers/models/{model_id}', { ...QWEN, memory_estimate_bytes: 5_000_000_000 })
  const asked = answers('post', '/api/v1/llm-providers/models/load', operationOf())
  const { user } = await renderPart(<ModelsScreen />, { me: administrator() })
  await user.click(await screen.findByRole('button', { name: 'More for Qwen' }))
  await user.click(await screen.findByRole('menuitem', { name: 'Load with options…' }))
  const form = within(await screen.findByRole('dialog', { name: 'Load Qwen' }))
  expect(await form.findByText('At most 32,768. Takes about 5 GB of memory.')).toBeVisible()
  expect(form.getByLabelText('Flash attention')).toHaveTextContent('Provider’s default')
  expect(form.getByLabelText('Tell progress')).toHaveTextContent('Off')

  await user.type(form.getByLabelText('Context length, tokens'), '8192')
  await user.click(form.getByLabelText(/Unload the others first/))
  await user.type(form.getByLabelText('Experts'), '4')
  await user.click(form.getByRole('button', { name: 'Load' }))

  await waitFor(() =>
    expect(asked[0]?.body).toEqual({ model: 'studio/qwen', context_length: 8192, exclusive: true, num_experts: 4 }),
  )
})

test('it is unloaded; what is refused is said', async () => {
  gateway()
  const asked = refuses('post', '/api/v1/llm-providers/models/unload', 409, {
    code: 'model_busy',
    message: 'It is being loaded.',
  })
  const { user } = await renderPart(<ModelsScreen />, { me: administrator() })

  await user.click(await screen.findByRole('button', { name: 'Unload Gemma' }))

  expect(asked[0]?.body).toEqual({ model: 'studio/gemma', unload_all: false })
  expect(await screen.findByText('It is being loaded.')).toBeVisible()
})

test('a download is ordered where one can be', async () => {
  gateway()
  const asked = answers('post', '/api/v1/llm-providers/models/download', operationOf({ act: 'download' }))
  const { user } = await renderPart(<ModelsScreen />, { me: administrator() })

  await user.click(await screen.findByRole('button', { name: 'Download model' }))
  const form = within(await screen.findByRole('dialog', { name: 'Download a model' }))
  await user.type(form.getByLabelText('Model'), 'qwen/qwen3-8b')
  await user.click(form.getByRole('button', { name: 'Download' }))

  await waitFor(() => expect(asked[0]?.body).toEqual({ provider: 'studio', model: 'qwen/qwen3-8b' }))
})

test('what is not loaded says whether a question loads it; what is loaded how long it was ordered to stay', async () => {
  gateway()
  const onUse = modelOf('studio/phi', { name: 'Phi', state: 'not-loaded', loads_on_use: true })
  const first = modelOf('studio/oss', { name: 'Oss', state: 'not-loaded', loads_on_use: false })
  answers('get', '/api/v1/llm-providers/models', listedOf([QWEN, GEMMA, onUse, first]))
  const staying = { seconds: 600, since: BEGUN }
  answers('get', '/api/v1/llm-providers/models/{model_id}', { ...GEMMA, time_to_live: staying })
  const { user } = await renderPart(<ModelsScreen />, { me: administrator() })

  expect((await rowOf('Phi')).getByText('Loads on first use')).toBeVisible()
  expect((await rowOf('Oss')).getByText('Load it first')).toBeVisible()
  expect((await rowOf('Qwen')).queryByText(/first/)).not.toBeInTheDocument()

  await user.click(screen.getByRole('button', { name: 'Gemma' }))
  expect(await screen.findByText(/^Leaves memory after 10 min without a request\. .*2026/)).toBeVisible()
})

test('only what a kind can and a person may is offered', async () => {
  gateway()
  await renderPart(<ModelsScreen />, { me: somebody({ permissions: ['load_models'] }) })

  expect(await screen.findByRole('button', { name: 'Load Qwen' })).toBeVisible()
  expect(screen.queryByRole('button', { name: 'More for GPT' })).not.toBeInTheDocument()
  expect(screen.queryByRole('button', { name: 'Download model' })).not.toBeInTheDocument()
})

test('who may not load models sees them, and nothing to press', async () => {
  gateway()
  await renderPart(<ModelsScreen />, { me: somebody() })

  expect(await screen.findByRole('button', { name: 'Qwen' })).toBeVisible()
  expect(screen.queryByRole('button', { name: /Load|Unload/ })).not.toBeInTheDocument()
})
