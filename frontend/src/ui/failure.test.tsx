import { screen } from '@testing-library/react'
import { expect, test, vi } from 'vitest'
import { ApiError } from '../api/client'
import { renderPart } from '../test/render'
import { Failure } from './failure'

test('says what happened and keeps the request’s id under Details', async () => {
  const onRetry = vi.fn()
  const error = new ApiError(503, { code: 'draining', message: 'The gateway is stopping.', request_id: 'abc-1' })
  const { user } = await renderPart(<Failure title="The keys can’t be shown." error={error} onRetry={onRetry} />)

  expect(screen.getByRole('alert')).toHaveTextContent('The keys can’t be shown.')
  expect(screen.getByText('The gateway is stopping.')).toBeVisible()
  expect(screen.getByText('abc-1').closest('details')).not.toHaveAttribute('open')

  await user.click(screen.getByRole('button', { name: 'Try again' }))
  expect(onRetry).toHaveBeenCalledOnce()
})

test('has words for a gateway that is away, and no id that nobody gave', async () => {
  await renderPart(<Failure title="The keys can’t be shown." error={new ApiError(0, { code: 'unreachable' })} />)

  expect(screen.getByText('The gateway isn’t answering.')).toBeVisible()
  expect(screen.queryByText('Details')).not.toBeInTheDocument()
})
