import { X } from 'lucide-react'
import { useTranslation } from '../../i18n/use-translation'
import { cn } from '../../lib/cn'
import { useSource } from '../../parts/answer/use-source'
import { ModelPicker } from '../../parts/model-picker/model-picker'
import { PickerTrigger } from '../../parts/model-picker/picker-trigger'
import { cableBackground } from '../../ui/cable'
import { IconButton } from '../../ui/icon-button'

interface CompareHeadProps {
  model: string
  onModel: (model: string) => void
  /** Absent where the column has to stay. */
  onRemove?: (() => void) | undefined
}

/** A column's cable and the model at its end. */
export function CompareHead({ model, onModel, onRemove }: CompareHeadProps) {
  const { t } = useTranslation('compare')
  const source = useSource(model, null)
  return (
    <div className="relative flex min-w-0 items-center justify-between gap-1 border-line border-b px-2 pt-2 pb-1">
      <span
        aria-hidden="true"
        className={cn('absolute inset-x-0 top-0 h-[3px] max-sm:hidden', cableBackground(source.cable))}
      />
      <ModelPicker value={model} onChange={onModel} trigger={<PickerTrigger value={model} alone />} />
      {onRemove && (
        <IconButton size="small" label={t('removeColumn', { model: source.modelName })} onClick={onRemove}>
          <X className="size-4" />
        </IconButton>
      )}
    </div>
  )
}
