import type { Message } from '../../api/conversation-types'
import { useTranslation } from '../../i18n/use-translation'
import { CableLine } from '../../ui/cable-dot'
import { askedOtherwise } from './asked-otherwise'
import { useSource } from './use-source'

/** The cable, the model and the provider that really answered; says so when another one was asked. */
export function AnswerName({ message }: { message: Message }) {
  const { t } = useTranslation('answer')
  const source = useSource(message.model ?? message.model_asked, message.provider, {
    orDefault: message.status === 'streaming',
  })
  const asked = askedOtherwise(message)
  return (
    <header className="flex min-h-6 min-w-0 flex-wrap items-center gap-x-2 text-14">
      <CableLine cable={source.cable} className="my-0.5" />
      <span className="min-w-0 truncate font-semibold" title={message.model ?? undefined}>
        {source.modelName || t('someModel')}
      </span>
      {source.providerName !== null && <span className="min-w-0 truncate text-muted">{source.providerName}</span>}
      {asked !== null && <span className="min-w-0 truncate text-13 text-muted">{t('askedFor', { model: asked })}</span>}
    </header>
  )
}
