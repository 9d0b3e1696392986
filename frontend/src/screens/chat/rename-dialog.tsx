import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Sparkles } from 'lucide-react'
import { type FormEvent, useId, useState } from 'react'
import type { Conversation } from '../../api/conversation-types'
import { conversationQueries, noteConversation } from '../../api/conversations'
import { askForTitle } from '../../api/generations'
import { useTranslation } from '../../i18n/use-translation'
import { Button } from '../../ui/button'
import { Dialog } from '../../ui/dialog'
import { Field } from '../../ui/field'
import { Input } from '../../ui/input'

interface RenameDialogProps {
  conversation: Conversation
  onRename: (title: string) => void
  onClose: () => void
}

/** The title, written by a person or asked of the model. */
export function RenameDialog({ conversation, onRename, onClose }: RenameDialogProps) {
  const { t } = useTranslation('chat')
  const client = useQueryClient()
  const form = useId()
  const [title, setTitle] = useState(conversation.title)
  const asking = useMutation({
    mutationFn: () => askForTitle(conversation.id),
    onSuccess: (changed) => {
      noteConversation(client, changed.id, changed)
      void client.invalidateQueries({ queryKey: conversationQueries.lists() })
      setTitle(changed.title)
    },
  })

  function rename(event: FormEvent) {
    event.preventDefault()
    const wanted = title.trim()
    if (wanted !== '' && wanted !== conversation.title) onRename(wanted)
    onClose()
  }

  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={t('rename.title')}
      actions={
        <>
          <Button busy={asking.isPending} onClick={() => asking.mutate()} className="mr-auto">
            <Sparkles aria-hidden="true" className="size-4" />
            {t('rename.ask')}
          </Button>
          <Button onClick={onClose}>{t('cancel')}</Button>
          <Button look="primary" type="submit" form={form} disabled={title.trim() === ''}>
            {t('rename.save')}
          </Button>
        </>
      }
    >
      <form id={form} onSubmit={rename}>
        <Field label={t('rename.field')} {...(asking.isError && { error: asking.error.message })}>
          {(control) => (
            <Input
              {...control}
              autoFocus
              maxLength={200}
              value={title}
              onChange={(event) => setTitle(event.target.value)}
            />
          )}
        </Field>
      </form>
    </Dialog>
  )
}
