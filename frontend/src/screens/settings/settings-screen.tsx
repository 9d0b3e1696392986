import { useTranslation } from '../../i18n/use-translation'
import { Page } from '../../ui/page'
import { Appearance } from './appearance'
import { OwnData } from './own-data'
import { PasswordSection } from './password-section'
import { PutAway } from './put-away'
import { Sessions } from './sessions'

/** What a person sets for oneself. */
export function SettingsScreen() {
  const { t } = useTranslation('settings')
  return (
    <Page title={t('title')} width="form">
      <Appearance />
      <OwnData />
      <PutAway kind="archived" />
      <PutAway kind="deleted" />
      <PasswordSection />
      <Sessions />
    </Page>
  )
}
