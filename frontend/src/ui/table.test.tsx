import { screen } from '@testing-library/react'
import { expect, test, vi } from 'vitest'
import { renderPart } from '../test/render'
import { type Column, Table } from './table'

interface Row {
  name: string
  tokens: number
}

const ROWS: Row[] = [
  { name: 'qwen3-8b', tokens: 812 },
  { name: 'gpt-oss', tokens: 98_234 },
]
const COLUMNS: Column<Row>[] = [
  { id: 'name', header: 'Model', cell: (row) => row.name },
  { id: 'tokens', header: 'Tokens', cell: (row) => row.tokens, numeric: true, sortable: true },
]

test('is a table in a box that keys can scroll', async () => {
  const { user } = await renderPart(<Table label="Models" columns={COLUMNS} rows={ROWS} rowKey={(row) => row.name} />)

  expect(screen.getAllByRole('row')).toHaveLength(3)
  await user.tab()
  expect(screen.getByRole('region', { name: 'Models' })).toHaveFocus()
})

test('sorts downwards first, then the other way, and says how it is sorted', async () => {
  const onSort = vi.fn()
  const table = (direction: 'ascending' | 'descending') => (
    <Table
      label="Models"
      columns={COLUMNS}
      rows={ROWS}
      rowKey={(row) => row.name}
      sorting={{ column: 'tokens', direction }}
      onSort={onSort}
    />
  )
  const { user } = await renderPart(table('descending'))
  const header = screen.getByRole('columnheader', { name: 'Tokens' })

  expect(header).toHaveAttribute('aria-sort', 'descending')
  expect(screen.getByRole('columnheader', { name: 'Model' })).not.toHaveAttribute('aria-sort')
  await user.click(screen.getByRole('button', { name: 'Tokens' }))

  expect(onSort).toHaveBeenCalledWith({ column: 'tokens', direction: 'ascending' })
})

test('a row opens with a press of the pointer and with Enter', async () => {
  const onRow = vi.fn()
  const { user } = await renderPart(
    <Table label="Models" columns={COLUMNS} rows={ROWS} rowKey={(row) => row.name} onRow={onRow} />,
  )

  await user.click(screen.getByText('gpt-oss'))
  screen.getAllByRole('row')[1]?.focus()
  await user.keyboard('{Enter}')

  expect(onRow.mock.calls).toEqual([[ROWS[1]], [ROWS[0]]])
})
