import { Paperclip, Pencil, X } from 'lucide-react'
import { useTranslation } from '../../i18n/use-translation'
import { Button } from '../../ui/button'
import { IconButton } from '../../ui/icon-button'
import type { QueuedMessage } from './queue'
import type { Queue } from './use-queue'

interface QueueListProps {
  queue: Queue
  onEdit: (message: QueuedMessage) => void
}

/** What is sent when the running answer is done. */
export function QueueList({ queue, onEdit }: QueueListProps) {
  const { t } = useTranslation('chat')
  if (queue.messages.length === 0) return null
  return (
    <section aria-label={t('queue.label')} className="mb-2 rounded-card border border-line bg-surface-1 py-1">
      <div className="flex min-h-8 items-center gap-2 pr-1 pl-3 text-13 text-muted">
        <span className="grow">{queue.isHeld ? t('queue.held') : t('queue.waiting')}</span>
        {queue.isHeld && (
          <Button size="small" look="ghost" className="text-accent" onClick={queue.sendNow}>
            {t('queue.sendNow')}
          </Button>
        )}
      </div>
      <ul>
        {queue.messages.map((message) => (
          <li key={message.key} className="flex items-center gap-1 pr-1 pl-3">
            {message.attachments.length > 0 && (
              <Paperclip aria-hidden="true" className="size-3.5 shrink-0 text-muted" />
            )}
            <span className="min-w-0 grow truncate text-14">
              {message.text || message.attachments.map(({ name }) => name).join(', ')}
            </span>
            <IconButton size="small" label={t('queue.edit')} onClick={() => onEdit(message)}>
              <Pencil className="size-3.5" />
            </IconButton>
            <IconButton size="small" label={t('queue.remove')} onClick={() => queue.remove(message.key)}>
              <X className="size-4" />
            </IconButton>
          </li>
        ))}
      </ul>
    </section>
  )
}
