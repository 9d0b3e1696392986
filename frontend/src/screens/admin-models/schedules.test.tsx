import { screen, waitFor, within } from '@testing-library/react'
import { beforeEach, expect, test } from 'vitest'
import type { ModelSchedule } from '../../api/model-schedules'
import { providerOf } from '../../parts/ladder/provider-builder'
import { listedOf, modelOf, parameterOf } from '../../parts/model-picker/listed-builder'
import { administrator, answers, page, refuses } from '../../test/gateway'
import { renderPart } from '../../test/render'
import { Schedules } from './schedules'

const SHOWN: ModelSchedule = {
  id: 'schedule-1',
  model: 'studio/qwen',
  days: [1, 5],
  from: '22:00',
  until: '06:00',
  time_zone: 'Europe/Berlin',
  unload_after: true,
  enabled: true,
  load: { exclusive: false, context_length: null },
  is_due: false,
  last_problem: null,
}

beforeEach(() => {
  const studio = providerOf('studio', {
    name: 'Studio',
    acts: ['load', 'unload'],
    load_options: [parameterOf('num_experts', { type: 'integer' })],
  })
  const ollama = providerOf('ollama', { name: 'Ollama', acts: ['load', 'unload'] })
  const away = providerOf('away', { name: 'Away', acts: ['load'], enabled: false })
  answers('get', '/api/v1/llm-providers', page([studio, ollama, away, providerOf('cloud')]))
  const models = [
    modelOf('studio/qwen', { state: 'not-loaded', max_context_length: 32_768 }),
    modelOf('studio/gemma', { state: 'loaded' }),
    modelOf('ollama/llama', { state: 'not-loaded' }),
    modelOf('cloud/gpt'),
  ]
  answers('get', '/api/v1/llm-providers/models', listedOf(models))
  answers('get', '/api/v1/llm-providers/models/{model_id}', modelOf('studio/qwen'))
})

function rendered() {
  return renderPart(<Schedules />, { me: administrator() })
}

async function rowOf(model: string) {
  const row = (await screen.findByText(model)).closest('li')
  if (row === null) throw new Error(`${model} stands in no row`)
  return within(row)
}

test('a schedule tells its hours and why it fails', async () => {
  const last_problem = { message: 'Studio does not answer.', at: '2026-11-21T10:00:00Z' }
  const everyDay = { days: [1, 2, 3, 4, 5, 6, 7], until: '22:00', is_due: true }
  const always = { ...SHOWN, id: 'schedule-2', model: 'studio/gemma', ...everyDay }
  answers('get', '/api/v1/model-schedules', page([{ ...SHOWN, is_due: true, last_problem }, always]))
  await rendered()

  const row = await rowOf('studio/qwen')

  expect(row.getByText('Mon, Fri · 22:00–06:00 · Europe/Berlin · then unloaded')).toBeVisible()
  expect(await row.findByText('due now')).toBeVisible()
  expect(row.getByText(/Studio does not answer\./)).toBeVisible()
  const other = await rowOf('studio/gemma')
  expect(other.getByText(/^Every day · all day ·/)).toBeVisible()
  expect(other.getByText('loaded now')).toBeVisible()
})

test('a schedule is made with the days, the time zone and the options that are chosen', async () => {
  let schedules: ModelSchedule[] = []
  answers('get', '/api/v1/model-schedules', () => page(schedules))
  const asked = answers('post', '/api/v1/model-schedules', () => {
    schedules = [SHOWN]
    return SHOWN
  })
  const { user } = await rendered()
  expect(await screen.findByText(/^No schedules yet\./)).toBeVisible()
  await user.click(screen.getByRole('button', { name: 'Add schedule' }))
  const form = within(await screen.findByRole('dialog', { name: 'Add a schedule' }))
  expect(form.getByRole('button', { name: 'Add schedule' })).toBeDisabled()

  await user.click(form.getByLabelText('Model'))
  await user.click(await screen.findByRole('option', { name: 'qwen', description: 'Studio' }))
  await user.clear(form.getByLabelText('Time zone'))
  await user.type(form.getByLabelText('Time zone'), 'Asia/Tokyo')
  await user.click(form.getByRole('button', { name: 'Sun' }))
  await user.click(form.getByRole('button', { name: 'Wed' }))
  await user.click(form.getByLabelText(/Unload when the hours end/))
  await user.click(form.getByText('Load options'))
  await user.type(form.getByLabelText('Context length, tokens'), '8192')
  await user.click(form.getByLabelText(/Unload the others first/))
  await user.type(form.getByLabelText('Experts'), '4')
  await user.click(form.getByRole('button', { name: 'Add schedule' }))

  await rowOf('studio/qwen')
  expect(screen.queryByRole('dialog')).not.toBeInTheDocument()
  expect(asked.map((one) => one.body)).toEqual([
    {
      model: 'studio/qwen',
      days: [1, 2, 4, 5, 7],
      from: '08:00',
      until: '18:00',
      time_zone: 'Asia/Tokyo',
      unload_after: true,
      load: { context_length: 8192, exclusive: true, num_experts: 4 },
    },
  ])
})

test('a schedule is changed; what the next provider does not take is left out', async () => {
  let shown: ModelSchedule = { ...SHOWN, load: { exclusive: false, context_length: 4096, num_experts: 4 } }
  answers('get', '/api/v1/model-schedules', () => page([shown]))
  const asked = answers('patch', '/api/v1/model-schedules/{id}', () => {
    shown = { ...shown, model: 'ollama/llama', load: { exclusive: false, context_length: 4096 } }
    return shown
  })
  const { user } = await rendered()
  const row = await rowOf('studio/qwen')
  expect(row.getByText('4,096 tokens of context · Experts: 4')).toBeVisible()
  await user.click(row.getByRole('button', { name: 'Edit the schedule of studio/qwen' }))
  const form = within(await screen.findByRole('dialog', { name: 'Edit the schedule' }))
  expect(form.getByLabelText('Experts')).toHaveValue(4)
  expect(form.getByText('next day')).toBeVisible()

  await user.click(form.getByLabelText('Model'))
  await user.click(await screen.findByRole('option', { name: 'llama', description: 'Ollama' }))
  await user.click(form.getByRole('button', { name: 'Save' }))

  await rowOf('ollama/llama')
  const { days, from, until, time_zone, unload_after } = SHOWN
  expect(asked.map((one) => [one.params.id, one.body])).toEqual([
    [SHOWN.id, { model: 'ollama/llama', days, from, until, time_zone, unload_after, load: { context_length: 4096 } }],
  ])
})

test('what the gateway refuses is told where it stands, and nothing typed is lost', async () => {
  answers('get', '/api/v1/model-schedules', page([SHOWN]))
  refuses('patch', '/api/v1/model-schedules/{id}', 400, {
    code: 'invalid_request',
    message: 'time_zone: must be the name of a time zone',
    details: [{ field: 'time_zone', problem: 'must be the name of a time zone' }],
  })
  const { user } = await rendered()
  await user.click(await screen.findByRole('button', { name: 'Edit the schedule of studio/qwen' }))
  const zone = await screen.findByLabelText('Time zone')
  await user.clear(zone)
  await user.type(zone, 'Berlin')
  await user.click(screen.getByRole('button', { name: 'Save' }))

  await waitFor(() => expect(zone).toHaveAccessibleDescription('must be the name of a time zone'))
  expect(zone).toHaveValue('Berlin')
})

test('a row says whose model or provider is gone, and keeps it in the form', async () => {
  const gone = { ...SHOWN, id: 'schedule-2', model: 'nobody/qwen', is_due: true }
  const unlisted = { ...SHOWN, id: 'schedule-3', model: 'studio/lost', is_due: true }
  const off = { ...SHOWN, id: 'schedule-4', model: 'away/qwen', is_due: true }
  answers('get', '/api/v1/model-schedules', page([gone, unlisted, off]))
  const { user } = await rendered()

  expect(await (await rowOf('nobody/qwen')).findByText(/^The provider “nobody” is gone\./)).toBeVisible()
  expect((await rowOf('studio/lost')).getByText(/^Studio has no such model\./)).toBeVisible()
  expect((await rowOf('away/qwen')).getByText(/^Away is switched off/)).toBeVisible()
  expect(screen.queryByText('due now')).not.toBeInTheDocument()

  await user.click(screen.getByRole('button', { name: 'Edit the schedule of studio/lost' }))
  expect(await screen.findByLabelText('Model')).toHaveTextContent('studio/lost')
})

test('a schedule is switched off, deleted, and comes back as it was', async () => {
  let schedules = [SHOWN]
  answers('get', '/api/v1/model-schedules', () => page(schedules))
  const changed = answers('patch', '/api/v1/model-schedules/{id}', () => {
    schedules = [{ ...SHOWN, enabled: false }]
    return { ...SHOWN, enabled: false }
  })
  answers('delete', '/api/v1/model-schedules/{id}', () => {
    schedules = []
    return { id: SHOWN.id, deleted: true as const }
  })
  const made = answers('post', '/api/v1/model-schedules', SHOWN)
  const { user } = await rendered()

  await user.click(await screen.findByRole('switch', { name: 'Keep studio/qwen loaded' }))
  expect(await screen.findByRole('switch', { checked: false })).toBeVisible()
  await user.click(screen.getByRole('button', { name: 'Delete the schedule of studio/qwen' }))
  await user.click(await screen.findByRole('button', { name: 'Undo' }))

  expect(changed.map((one) => [one.params.id, one.body])).toEqual([[SHOWN.id, { enabled: false }]])
  const { id, is_due, last_problem, ...kept } = SHOWN
  expect(made.map((one) => one.body)).toEqual([{ ...kept, enabled: false }])
})
