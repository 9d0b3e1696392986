import { SearchX, Unplug } from 'lucide-react'
import { useTranslation } from '../../i18n/use-translation'
import { Empty } from '../../ui/empty'
import { AddProvider } from './add-provider'
import type { Catalog } from './catalog'

interface NoModelsProps {
  catalog: Catalog
  query: string
  needsVision: boolean
}

/** Why there is nothing to choose, and what to do about it. */
export function NoModels({ catalog, query, needsVision }: NoModelsProps) {
  const { t } = useTranslation('picker')
  if (query !== '' && catalog.entries.length > 0) {
    return (
      <Empty icon={<SearchX />} title={t('empty.noMatch', { query })}>
        {t('empty.noMatchHint')}
      </Empty>
    )
  }
  if (needsVision) return <Empty title={t('empty.noneSees')}>{t('empty.noneSeesHint')}</Empty>
  const isAsking = catalog.sources.some((source) => source.state === 'asking')
  if (isAsking) return <Empty title={t('empty.asking')} />
  const nobody = catalog.sources.length === 0
  return (
    <Empty
      icon={<Unplug />}
      title={nobody ? t('empty.noProvider') : t('empty.noModel')}
      action={<AddProvider hasProviders={!nobody} />}
    />
  )
}
