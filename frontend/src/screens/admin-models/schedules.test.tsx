import { screen, within } from '@testing-library/react'
import { beforeEach, expect, test } from 'vitest'
import type { ModelSchedule } from '../../api/model-schedules'
import { listedOf, modelOf } from '../../parts/model-picker/listed-builder'
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
  answers('get', '/api/v1/llm-providers/models', listedOf([modelOf('studio/qwen', { state: 'not-loaded' })]))
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
  const always = { ...SHOWN, id: 'schedule-2', model: 'studio/gemma', days: [1, 2, 3, 4, 5, 6, 7], until: '22:00' }
  answers('get', '/api/v1/model-schedules', page([{ ...SHOWN, is_due: true, last_problem }, always]))
  await rendered()

  const row = await rowOf('studio/qwen')

  expect(row.getByText(/^Mon, Fri · 22:00–06:00 · Europe\/Berlin · then unloaded · due now$/)).toBeVisible()
  expect(row.getByText(/Studio does not answer\./)).toBeVisible()
  expect((await rowOf('studio/gemma')).getByText(/^Every day · all day ·/)).toBeVisible()
})

test('a schedule is made with the days that are chosen', async () => {
  let schedules: ModelSchedule[] = []
  answers('get', '/api/v1/model-schedules', () => page(schedules))
  const asked = answers('post', '/api/v1/model-schedules', () => {
    schedules = [SHOWN]
    return SHOWN
  })
  const { user } = await rendered()
  expect(await screen.findByText('No schedules yet.')).toBeVisible()

  await user.type(screen.getByLabelText('Model'), 'studio/qwen')
  await user.clear(screen.getByLabelText('Time zone'))
  await user.type(screen.getByLabelText('Time zone'), 'Asia/Tokyo')
  await user.click(screen.getByRole('checkbox', { name: 'Sunday' }))
  await user.click(screen.getByRole('checkbox', { name: 'Wednesday' }))
  await user.click(screen.getByRole('checkbox', { name: 'Unload it afterwards' }))
  await user.click(screen.getByRole('button', { name: 'Add schedule' }))

  await rowOf('studio/qwen')
  expect(asked.map((one) => one.body)).toEqual([
    {
      model: 'studio/qwen',
      days: [1, 2, 4, 5, 7],
      from: '08:00',
      until: '18:00',
      time_zone: 'Asia/Tokyo',
      unload_after: true,
    },
  ])
})

test('what the gateway refuses is told at the form', async () => {
  answers('get', '/api/v1/model-schedules', page([]))
  refuses('post', '/api/v1/model-schedules', 400, { code: 'invalid_request', message: 'model: must be a full name' })
  const { user } = await rendered()

  await user.type(await screen.findByLabelText('Model'), 'qwen')
  await user.click(screen.getByRole('button', { name: 'Add schedule' }))

  expect(await screen.findByRole('alert')).toHaveTextContent('model: must be a full name')
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
