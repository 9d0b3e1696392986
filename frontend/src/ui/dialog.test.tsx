import { screen, waitFor } from '@testing-library/react'
import { type ReactNode, useState } from 'react'
import { expect, test } from 'vitest'
import { renderPart } from '../test/render'
import { Button } from './button'
import { Dialog } from './dialog'
import { Menu, MenuItem } from './menu'

/** A dialog that is there only while it is open, as most are. */
function Opener({ children }: { children: (open: () => void) => ReactNode }) {
  const [isOpen, setOpen] = useState(false)
  return (
    <>
      {children(() => setOpen(true))}
      {isOpen && (
        <Dialog open onOpenChange={() => setOpen(false)} title="Names">
          <input aria-label="Name" />
        </Dialog>
      )}
    </>
  )
}

test('the focus goes back to the button that opened it', async () => {
  const { user } = await renderPart(<Opener>{(open) => <Button onClick={open}>Edit</Button>}</Opener>)

  await user.click(screen.getByRole('button', { name: 'Edit' }))
  await waitFor(() => expect(screen.getByLabelText('Name')).toHaveFocus())
  await user.keyboard('{Escape}')

  await waitFor(() => expect(screen.getByRole('button', { name: 'Edit' })).toHaveFocus())
})

test('the focus goes back to the button of the menu that opened it', async () => {
  const { user } = await renderPart(
    <Opener>
      {(open) => (
        <Menu trigger={<Button>More</Button>}>
          <MenuItem onSelect={open}>Edit</MenuItem>
        </Menu>
      )}
    </Opener>,
  )

  await user.click(screen.getByRole('button', { name: 'More' }))
  await user.click(await screen.findByRole('menuitem', { name: 'Edit' }))
  await waitFor(() => expect(screen.getByLabelText('Name')).toHaveFocus())
  await user.keyboard('{Escape}')

  await waitFor(() => expect(screen.getByRole('button', { name: 'More' })).toHaveFocus())
})
