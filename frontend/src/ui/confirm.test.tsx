import { screen } from '@testing-library/react'
import { useState } from 'react'
import { expect, test, vi } from 'vitest'
import { renderPart } from '../test/render'
import { Button } from './button'
import { Confirm } from './confirm'

interface AskerProps {
  typed: string | undefined
  onConfirm: () => void
  onOpenChange: (open: boolean) => void
}

function Asker({ typed, onConfirm, onOpenChange }: AskerProps) {
  const [isOpen, setIsOpen] = useState(false)
  return (
    <>
      <Button onClick={() => setIsOpen(true)}>Delete</Button>
      <Confirm
        open={isOpen}
        onOpenChange={onOpenChange}
        title="Delete provider Groq?"
        description="Its models disappear."
        action="Delete provider"
        onConfirm={onConfirm}
        {...(typed !== undefined && { typed })}
      />
    </>
  )
}

async function ask(typed?: string) {
  const onConfirm = vi.fn()
  const onOpenChange = vi.fn()
  const { user } = await renderPart(<Asker typed={typed} onConfirm={onConfirm} onOpenChange={onOpenChange} />)
  await user.click(screen.getByRole('button', { name: 'Delete' }))
  return { user, onConfirm, onOpenChange }
}

test('says what will be gone, and does it when told so', async () => {
  const { user, onConfirm } = await ask()

  expect(screen.getByRole('dialog', { name: 'Delete provider Groq?' })).toHaveAccessibleDescription(
    'Its models disappear.',
  )
  await user.click(screen.getByRole('button', { name: 'Delete provider' }))

  expect(onConfirm).toHaveBeenCalledOnce()
})

test('does nothing until the name was typed, which is where typing begins', async () => {
  const { user, onConfirm } = await ask('groq')
  const button = screen.getByRole('button', { name: 'Delete provider' })
  expect(button).toBeDisabled()
  expect(screen.getByLabelText('Type groq to confirm')).toHaveFocus()

  await user.keyboard('gro')
  expect(button).toBeDisabled()
  await user.keyboard('q')
  await user.click(button)

  expect(onConfirm).toHaveBeenCalledOnce()
})

test.each([
  ['Cancel', async (user: Awaited<ReturnType<typeof ask>>['user']) => user.click(screen.getByText('Cancel'))],
  ['Escape', async (user: Awaited<ReturnType<typeof ask>>['user']) => user.keyboard('{Escape}')],
])('%s leaves everything as it is', async (_, leave) => {
  const { user, onConfirm, onOpenChange } = await ask()

  await leave(user)

  expect(onOpenChange).toHaveBeenCalledWith(false)
  expect(onConfirm).not.toHaveBeenCalled()
})
