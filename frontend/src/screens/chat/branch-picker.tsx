import { ChevronLeft, ChevronRight } from 'lucide-react'
import { useTranslation } from '../../i18n/use-translation'
import { IconButton } from '../../ui/icon-button'

interface BranchPickerProps {
  number: number
  count: number
  onStep: (step: -1 | 1) => void
}

/** ‹ 2/3 ›: which of several answers or versions of a question is shown. */
export function BranchPicker({ number, count, onStep }: BranchPickerProps) {
  const { t } = useTranslation('chat')
  if (count < 2) return null
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would bring a form's look and meaning
    <div role="group" aria-label={t('branch.label')} className="flex items-center">
      <IconButton size="small" label={t('branch.before')} disabled={number === 1} onClick={() => onStep(-1)}>
        <ChevronLeft className="size-4" />
      </IconButton>
      <span className="text-12 text-muted tabular-nums">
        {number}/{count}
      </span>
      <IconButton size="small" label={t('branch.after')} disabled={number === count} onClick={() => onStep(1)}>
        <ChevronRight className="size-4" />
      </IconButton>
    </div>
  )
}
