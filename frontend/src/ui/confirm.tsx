import { type ReactNode, useState } from 'react'
import { useTranslation } from '../i18n/use-translation'
import { Button } from './button'
import { Dialog } from './dialog'
import { Field } from './field'
import { Input } from './input'

interface ConfirmProps {
  open: boolean
  onOpenChange: (open: boolean) => void
  title: string
  /** What will be gone, in words. */
  description: ReactNode
  /** The verb of the button. */
  action: string
  onConfirm: () => void
  busy?: boolean
  /** For what can't be undone: this has to be typed first. */
  typed?: string
}

export function Confirm({ open, onOpenChange, title, description, action, onConfirm, busy, typed }: ConfirmProps) {
  const { t } = useTranslation('common')
  const [text, setText] = useState('')
  const isReady = typed === undefined || text.trim() === typed
  const close = (next: boolean) => {
    setText('')
    onOpenChange(next)
  }
  return (
    <Dialog
      open={open}
      onOpenChange={close}
      title={title}
      description={description}
      actions={
        <>
          <Button onClick={() => close(false)}>{t('cancel')}</Button>
          <Button look="danger" busy={busy ?? false} disabled={!isReady} onClick={onConfirm}>
            {action}
          </Button>
        </>
      }
    >
      {typed !== undefined && (
        <Field label={t('confirm.typeName', { name: typed })}>
          {(control) => (
            <Input {...control} autoComplete="off" value={text} onChange={(event) => setText(event.target.value)} />
          )}
        </Field>
      )}
    </Dialog>
  )
}
