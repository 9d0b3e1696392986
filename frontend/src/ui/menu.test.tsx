import { screen } from '@testing-library/react'
import { expect, test, vi } from 'vitest'
import { renderPart } from '../test/render'
import { Button } from './button'
import { Menu, MenuChoice, MenuItem, MenuSub } from './menu'

test('opens with the keyboard, walks through its items and gives the focus back', async () => {
  const rename = vi.fn()
  const { user } = await renderPart(
    <Menu trigger={<Button>More</Button>}>
      <MenuItem onSelect={() => undefined}>Pin</MenuItem>
      <MenuItem onSelect={rename}>Rename</MenuItem>
    </Menu>,
  )

  await user.tab()
  await user.keyboard('{Enter}')
  await user.keyboard('{ArrowDown}{Enter}')

  expect(rename).toHaveBeenCalledOnce()
  expect(screen.queryByRole('menu')).not.toBeInTheDocument()
  expect(screen.getByRole('button', { name: 'More' })).toHaveFocus()
})

test('says which choice is chosen, and opens what lies below an item', async () => {
  const { user } = await renderPart(
    <Menu trigger={<Button>More</Button>}>
      <MenuChoice chosen onSelect={() => undefined}>
        Dark
      </MenuChoice>
      <MenuSub label="Move to">
        <MenuItem onSelect={() => undefined}>Work</MenuItem>
      </MenuSub>
    </Menu>,
  )

  await user.click(screen.getByRole('button', { name: 'More' }))
  expect(screen.getByRole('menuitemcheckbox', { name: 'Dark' })).toBeChecked()

  await user.keyboard('{ArrowDown}{ArrowDown}{ArrowRight}')
  expect(await screen.findByRole('menuitem', { name: 'Work' })).toBeVisible()
})
