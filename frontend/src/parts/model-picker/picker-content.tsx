import { useTranslation } from '../../i18n/use-translation'
import { Failure } from '../../ui/failure'
import { SkeletonRows } from '../../ui/skeleton'
import { PickerPanel } from './picker-panel'
import { useCatalog } from './use-catalog'

interface PickerContentProps {
  value: string | null
  needsVision: boolean
  onChoose: (id: string) => void
}

/** What is in the open picker: what is known, else that it is on its way or could not be had. */
export function PickerContent({ value, needsVision, onChoose }: PickerContentProps) {
  const { t } = useTranslation('picker')
  const { catalog, error, retry } = useCatalog({ isWatched: true })
  if (catalog !== null) {
    const chosenId = value ?? catalog.fallback?.id ?? null
    return <PickerPanel catalog={catalog} chosenId={chosenId} needsVision={needsVision} onChoose={onChoose} />
  }
  return (
    <div className="p-3">
      {error === null ? (
        <SkeletonRows label={t('loading')} rows={6} />
      ) : (
        <Failure title={t('failed')} error={error} onRetry={retry} />
      )}
    </div>
  )
}
