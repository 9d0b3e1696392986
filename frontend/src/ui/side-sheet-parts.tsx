// What a side sheet is made of; side-sheet.tsx loads it.
import { X } from 'lucide-react'
import { Dialog as Radix } from 'radix-ui'
import type { ReactNode } from 'react'
import { useTranslation } from '../i18n/use-translation'
import { useMedia } from '../lib/use-media'
import { firstFocus, returnFocus, stayForToasts } from './dialog-behaviour'
import { Dialog } from './dialog-parts'
import { IconButton } from './icon-button'

export interface SideSheetProps {
  open: boolean
  onOpenChange: (open: boolean) => void
  title: string
  children: ReactNode
  actions?: ReactNode
  /** `beside` leaves the page in use; `over` covers it until it is closed. */
  place?: 'beside' | 'over'
}

/** On the right; below 640 px a sheet from below. `beside` must stand in a flex row with what it leaves in use. */
export function SideSheet({ open, onOpenChange, title, children, actions, place = 'beside' }: SideSheetProps) {
  const isNarrow = useMedia('(max-width: 639px)')
  if (isNarrow) {
    return (
      <Dialog open={open} onOpenChange={onOpenChange} title={title} actions={actions}>
        {children}
      </Dialog>
    )
  }
  if (place === 'beside') {
    return open ? <Beside {...{ title, actions, children }} onClose={() => onOpenChange(false)} /> : null
  }
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 animate-appear bg-overlay" />
        <Radix.Content
          aria-describedby={undefined}
          onOpenAutoFocus={firstFocus}
          onCloseAutoFocus={returnFocus}
          onInteractOutside={stayForToasts}
          className="fixed inset-y-0 right-0 z-50 flex w-[min(34rem,100vw)] animate-from-right flex-col border-line border-l bg-surface-1 shadow-float outline-none"
        >
          <Head
            title={<Radix.Title className="font-semibold text-16">{title}</Radix.Title>}
            onClose={() => onOpenChange(false)}
          />
          <div className="min-h-0 grow overflow-y-auto px-5 py-4">{children}</div>
          {actions && (
            <footer className="flex flex-wrap justify-end gap-2 border-line border-t px-5 py-3">{actions}</footer>
          )}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}

function Beside({
  title,
  children,
  actions,
  onClose,
}: {
  title: string
  children: ReactNode
  actions?: ReactNode
  onClose: () => void
}) {
  return (
    <aside
      aria-label={title}
      className="flex w-(--container-sheet) shrink-0 animate-from-right flex-col border-line border-l bg-surface-1"
    >
      <Head title={<h2 className="font-semibold text-16">{title}</h2>} onClose={onClose} />
      <div className="min-h-0 grow overflow-y-auto px-5 py-4">{children}</div>
      {actions && (
        <footer className="flex flex-wrap justify-end gap-2 border-line border-t px-5 py-3">{actions}</footer>
      )}
    </aside>
  )
}

function Head({ title, onClose }: { title: ReactNode; onClose: () => void }) {
  const { t } = useTranslation('common')
  return (
    <header className="flex h-14 shrink-0 items-center justify-between border-line border-b pr-3 pl-5">
      {title}
      <IconButton label={t('close')} onClick={onClose}>
        <X className="size-4.5" />
      </IconButton>
    </header>
  )
}
