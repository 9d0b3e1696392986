// What a dialog is made of; dialog.tsx loads it.
import { X } from 'lucide-react'
import { Dialog as Radix } from 'radix-ui'
import type { ReactNode } from 'react'
import { useTranslation } from '../i18n/use-translation'
import { cn } from '../lib/cn'
import { firstFocus, returnFocus, stayForToasts } from './dialog-behaviour'
import { IconButton } from './icon-button'

export interface DialogProps {
  open: boolean
  onOpenChange: (open: boolean) => void
  title: string
  description?: ReactNode
  children?: ReactNode
  /** Buttons at the bottom, the one that does it last. */
  actions?: ReactNode
  size?: 'normal' | 'large'
}

/** In the middle; below 640 px a sheet from below. */
export function Dialog({ open, onOpenChange, title, description, children, actions, size = 'normal' }: DialogProps) {
  const { t } = useTranslation('common')
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 animate-appear bg-overlay" />
        <Radix.Content
          {...(!description && { 'aria-describedby': undefined })}
          onOpenAutoFocus={firstFocus}
          onCloseAutoFocus={returnFocus}
          onInteractOutside={stayForToasts}
          className={cn(
            'fixed inset-x-0 bottom-0 z-50 flex max-h-[92dvh] animate-rise flex-col rounded-t-card border border-line bg-surface-1 pb-[env(safe-area-inset-bottom)] shadow-float outline-none',
            'sm:inset-x-4 sm:top-[8dvh] sm:bottom-auto sm:mx-auto sm:max-h-[84dvh] sm:rounded-card',
            size === 'normal' ? 'sm:max-w-dialog' : 'sm:max-w-chat',
          )}
        >
          <header className="flex items-start gap-3 px-5 pt-4 pb-2">
            <div className="grid min-w-0 grow gap-1 py-1">
              <Radix.Title className="font-semibold text-16 leading-6">{title}</Radix.Title>
              {description && <Radix.Description className="text-14 text-muted">{description}</Radix.Description>}
            </div>
            <Radix.Close asChild>
              <IconButton label={t('close')} className="-mr-2">
                <X className="size-4.5" />
              </IconButton>
            </Radix.Close>
          </header>
          {children && <div className="min-h-0 overflow-y-auto px-5 pt-2 pb-4">{children}</div>}
          {actions && (
            <footer className="flex flex-wrap justify-end gap-2 border-line border-t px-5 py-3">{actions}</footer>
          )}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}
