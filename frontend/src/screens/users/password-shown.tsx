import { useTranslation } from '../../i18n/use-translation'
import { Button } from '../../ui/button'
import { CopyButton } from '../../ui/copy-button'
import { Dialog } from '../../ui/dialog'

export interface OneTime {
  username: string
  password: string
}

/** A one-time password, to be handed on; it is not shown again. */
export function PasswordShown({ oneTime, onClose }: { oneTime: OneTime | null; onClose: () => void }) {
  const { t } = useTranslation('users')
  if (oneTime === null) return null
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={t('shown.title', { name: oneTime.username })}
      description={t('shown.text')}
      actions={
        <Button look="primary" onClick={onClose}>
          {t('shown.done')}
        </Button>
      }
    >
      <div className="flex items-center gap-2 rounded-card border border-line bg-surface-0 py-1.5 pr-2 pl-4">
        <code className="min-w-0 grow break-all font-mono text-14">{oneTime.password}</code>
        <CopyButton text={oneTime.password} label={t('shown.copy')} look="text" size="normal" />
      </div>
    </Dialog>
  )
}
