import { X } from 'lucide-react'
import { useState } from 'react'
import type { Message } from '../../api/conversation-types'
import { useTranslation } from '../../i18n/use-translation'
import { GrowingText } from '../../parts/conversation/growing-text'
import { Button } from '../../ui/button'
import { IconButton } from '../../ui/icon-button'
import type { MessageActs } from './message-acts'

/** A question being changed where it stands; sending it makes a branch beside the old one. */
export function QuestionEditor({ message, acts }: { message: Message; acts: MessageActs }) {
  const { t } = useTranslation('chat')
  const [text, setText] = useState(message.content)
  const [attachments, setAttachments] = useState([...message.images, ...message.files])
  const [busy, setBusy] = useState(false)
  const isEmpty = text.trim() === '' && attachments.length === 0

  async function send() {
    if (isEmpty || busy) return
    setBusy(true)
    await acts.resend(message, text, attachments)
    setBusy(false)
  }

  return (
    <div className="pt-6 pb-2">
      <div className="rounded-card border border-control-line bg-surface-1 p-3 focus-within:border-accent">
        {attachments.length > 0 && (
          <ul className="mb-2 flex flex-wrap gap-2">
            {attachments.map((one) => (
              <li key={one.id} className="flex items-center gap-1 rounded-control bg-surface-2 pl-2 text-13">
                <span className="max-w-56 truncate">{one.name}</span>
                <IconButton
                  size="small"
                  label={t('attach.remove', { name: one.name })}
                  onClick={() => setAttachments(attachments.filter(({ id }) => id !== one.id))}
                >
                  <X className="size-3.5" />
                </IconButton>
              </li>
            ))}
          </ul>
        )}
        <GrowingText
          label={t('question.editLabel')}
          value={text}
          onChange={setText}
          onSend={() => void send()}
          onEscape={() => acts.setEditing(null)}
          autoFocus
          className="w-full"
        />
        <div className="mt-2 flex flex-wrap items-center justify-end gap-2">
          <p className="min-w-40 grow text-13 text-muted">{t('question.editHint')}</p>
          <Button onClick={() => acts.setEditing(null)}>{t('cancel')}</Button>
          <Button look="primary" disabled={isEmpty} busy={busy} onClick={() => void send()}>
            {t('send')}
          </Button>
        </div>
      </div>
    </div>
  )
}
