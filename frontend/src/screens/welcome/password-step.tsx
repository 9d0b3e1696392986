import { typedOneTimePassword } from '../../api/session'
import { useTranslation } from '../../i18n/use-translation'
import { PasswordForm } from '../../parts/password/password-form'

export function PasswordStep() {
  const { t } = useTranslation('welcome')
  return (
    <div className="grid gap-4">
      <p className="text-muted">{t('password.text')}</p>
      <PasswordForm replaces="oneTime" known={typedOneTimePassword()} action={t('password.save')} look="primary" />
    </div>
  )
}
