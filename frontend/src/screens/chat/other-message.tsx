import type { Message } from '../../api/conversation-types'
import { useTranslation } from '../../i18n/use-translation'

/** What neither a person nor a model said: instructions and tools' results of imported conversations. */
export function OtherMessage({ message }: { message: Message }) {
  const { t } = useTranslation('chat')
  return (
    <details className="mt-6 rounded-card border border-line bg-surface-1 px-4 py-2 text-14">
      <summary className="target flex items-center text-muted">
        {message.role === 'system' ? t('other.system') : t('other.tool')}
      </summary>
      <p className="wrap-anywhere whitespace-pre-wrap pb-2">{message.content}</p>
    </details>
  )
}
