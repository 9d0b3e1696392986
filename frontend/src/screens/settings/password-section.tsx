import { useMe } from '../../api/session'
import { useTranslation } from '../../i18n/use-translation'
import { PasswordForm } from '../../parts/password/password-form'
import { Section } from '../../ui/page'
import { useToast } from '../../ui/toast'

export function PasswordSection() {
  const { t } = useTranslation('settings')
  const me = useMe()
  const show = useToast()
  return (
    <Section title={t('password.title')} description={t('password.text', { name: me.username })}>
      <PasswordForm replaces="current" action={t('password.save')} onDone={() => show({ text: t('password.saved') })} />
    </Section>
  )
}
