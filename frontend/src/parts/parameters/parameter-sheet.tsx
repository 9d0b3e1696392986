import { ChevronRight } from 'lucide-react'
import { useTranslation } from '../../i18n/use-translation'
import { useMedia } from '../../lib/use-media'
import { Button } from '../../ui/button'
import { Failure } from '../../ui/failure'
import { SideSheet } from '../../ui/side-sheet'
import { SkeletonRows } from '../../ui/skeleton'
import { useToast } from '../../ui/toast'
import { type Control, controlsOf } from './controls'
import { LeftoverValues } from './leftover-values'
import { ParameterControl } from './parameter-control'
import type { ParameterPanelProps } from './parameter-panel'
import { PresetMenu } from './preset-menu'
import { SystemPrompt } from './system-prompt'
import { type FoundModel, useModel } from './use-model'
import { isSet, leftovers, withValue } from './values'

/** Everything that shapes a conversation's answers: presets, the system prompt, what the model takes. */
export function ParameterSheet(props: ParameterPanelProps) {
  const { open, onOpenChange, model: modelId, value, onChange, systemPrompt, onSystemPromptChange } = props
  const { t } = useTranslation('parameters')
  const isWide = useMedia('(min-width: 1024px)')
  const toast = useToast()
  const found = useModel(modelId)
  const isChanged = Object.keys(value).length > 0 || Boolean(systemPrompt)
  const resetAll = () => {
    onChange({})
    onSystemPromptChange(null)
    const undo = () => {
      onChange(value)
      onSystemPromptChange(systemPrompt)
    }
    toast({ text: t('allReset'), action: { label: t('undo'), onSelect: undo } })
  }
  return (
    <SideSheet open={open} onOpenChange={onOpenChange} title={t('title')} place={isWide ? 'beside' : 'over'}>
      <div className="grid gap-5">
        <div className="flex items-center justify-between gap-2">
          <PresetMenu {...props} modelName={found.model?.name ?? null} />
          <Button size="small" look="ghost" disabled={!isChanged} onClick={resetAll}>
            {t('resetAll')}
          </Button>
        </div>
        <SystemPrompt value={systemPrompt} onChange={onSystemPromptChange} />
        <ModelControls found={found} value={value} onChange={onChange} />
      </div>
    </SideSheet>
  )
}

interface ModelControlsProps extends Pick<ParameterPanelProps, 'value' | 'onChange'> {
  found: FoundModel
}

function ModelControls({ found, value, onChange }: ModelControlsProps) {
  const { t } = useTranslation('parameters')
  const { model, error, isMissing, retry } = found
  if (isMissing) return <p className="text-14 text-muted">{t('noModel')}</p>
  if (model === null) {
    return error === null ? (
      <SkeletonRows label={t('loading')} rows={6} className="h-14" />
    ) : (
      <Failure title={t('failed')} error={error} onRetry={retry} />
    )
  }
  const controls = controlsOf(model)
  const control = (one: Control) => (
    <ParameterControl
      key={`${model.id} ${one.name}`}
      control={one}
      value={value[one.name]}
      onChange={(next) => onChange(withValue(value, one.name, next))}
    />
  )
  return (
    <>
      <LeftoverValues
        leftovers={leftovers(model, controls, value)}
        modelName={model.name}
        onRemove={(name) => onChange(withValue(value, name, undefined))}
      />
      <div className="grid gap-4">{controls.main.map(control)}</div>
      {controls.further.length > 0 && (
        <details
          open={controls.further.some((one) => isSet(value, one.name))}
          className="group border-line border-t pt-2"
        >
          <summary className="target flex items-center gap-1.5 text-13 text-muted">
            <ChevronRight
              aria-hidden="true"
              className="size-4 transition-transform duration-100 group-open:rotate-90"
            />
            {t('further')}
          </summary>
          <div className="grid gap-4 pt-1">{controls.further.map(control)}</div>
        </details>
      )}
    </>
  )
}
