import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { providerQueries } from '../../api/providers'
import { useTranslation } from '../../i18n/use-translation'
import { Button } from '../../ui/button'
import { Failure } from '../../ui/failure'
import { Page } from '../../ui/page'
import { SkeletonRows } from '../../ui/skeleton'
import { stateOfPreset, stateOfProvider } from './form-state'
import { PresetGallery } from './preset-gallery'
import { ProviderForm } from './provider-form'

/** A template first, then the form that it fills in. */
export function NewProviderScreen() {
  const { t } = useTranslation('providers')
  const { preset: chosenId, address } = useSearch({ from: '/app/admin/providers/new' })
  const navigate = useNavigate()
  const presets = useQuery(providerQueries.presets())
  const chosen = presets.data?.find((preset) => preset.id === chosenId)
  return (
    <Page title={t('newTitle')} width="form" actions={<BackLink />}>
      {presets.isPending && <SkeletonRows label={t('loading')} rows={4} />}
      {presets.isError && <Failure title={t('failed')} error={presets.error} onRetry={() => void presets.refetch()} />}
      {presets.data && (
        <PresetGallery
          presets={presets.data}
          chosenId={chosenId}
          onChoose={(preset) =>
            void navigate({ to: '/admin/providers/new', search: { preset: preset.id }, replace: true })
          }
        />
      )}
      {chosen && (
        <ProviderForm key={`${chosen.id} ${address}`} start={stateOfPreset(chosen, address)} preset={chosen} />
      )}
    </Page>
  )
}

export function ProviderScreen() {
  const { t } = useTranslation('providers')
  const { slug } = useParams({ from: '/app/admin/providers/$slug' })
  // What is being edited stays as it was when the form was opened; a newer version is noticed when it is saved.
  const provider = useQuery({ ...providerQueries.detail(slug), refetchOnWindowFocus: false })
  return (
    <Page title={provider.data?.name ?? t('editTitle')} width="form" actions={<BackLink />}>
      {provider.isPending && <SkeletonRows label={t('loading')} rows={6} />}
      {provider.isError && (
        <Failure title={t('failedOne')} error={provider.error} onRetry={() => void provider.refetch()} />
      )}
      {provider.data && (
        <ProviderForm
          key={provider.data.version}
          start={stateOfProvider(provider.data)}
          stored={provider.data}
          onReload={() => void provider.refetch()}
        />
      )}
    </Page>
  )
}

function BackLink() {
  const { t } = useTranslation('providers')
  return (
    <Button asChild look="ghost">
      <Link to="/admin/providers">{t('allProviders')}</Link>
    </Button>
  )
}
