import { useQuery } from '@tanstack/react-query'
import { settingsQueries } from '../../api/settings'
import { useTranslation } from '../../i18n/use-translation'
import { Failure } from '../../ui/failure'
import { Page } from '../../ui/page'
import { SkeletonRows } from '../../ui/skeleton'
import { DefaultModels } from './default-models'
import { Limits } from './limits'
import { PersonalProviders } from './personal-providers'

/** What holds for everybody. Each choice is kept as soon as it is made, and can be undone. */
export function AdminSettingsScreen() {
  const { t } = useTranslation('adminSettings')
  const settings = useQuery(settingsQueries.current())
  return (
    <Page title={t('title')} description={t('description')} width="form">
      {settings.isPending && <SkeletonRows label={t('loading')} rows={3} className="h-24" />}
      {settings.isError && (
        <Failure title={t('failed')} error={settings.error} onRetry={() => void settings.refetch()} />
      )}
      {settings.data && (
        <>
          <DefaultModels settings={settings.data} />
          <Limits settings={settings.data} />
          <PersonalProviders settings={settings.data} />
        </>
      )}
    </Page>
  )
}
