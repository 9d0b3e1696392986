import { EyeOff } from 'lucide-react'
import { useTranslation } from '../../i18n/use-translation'
import { ModelPicker } from '../../parts/model-picker/model-picker'
import { Button } from '../../ui/button'

interface BlindNoticeProps {
  modelName: string
  model: string | null
  onModelChange: (model: string) => void
}

/** Pictures are attached, and the model cannot see: says so before anything is sent. */
export function BlindNotice({ modelName, model, onModelChange }: BlindNoticeProps) {
  const { t } = useTranslation('chat')
  return (
    <div
      role="status"
      className="mb-2 flex flex-wrap items-center gap-x-3 gap-y-1 rounded-card border border-line bg-warn-soft py-1.5 pr-1.5 pl-3"
    >
      <EyeOff aria-hidden="true" className="size-4 shrink-0 text-warn" />
      <p className="min-w-48 flex-1">{t('blind.text', { model: modelName })}</p>
      <ModelPicker
        value={model}
        onChange={onModelChange}
        needsVision
        align="end"
        trigger={<Button size="small">{t('blind.choose')}</Button>}
      />
    </div>
  )
}
