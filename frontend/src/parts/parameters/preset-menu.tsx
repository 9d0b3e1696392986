import { useQuery } from '@tanstack/react-query'
import { BookmarkPlus, ChevronDown, ListChecks } from 'lucide-react'
import { useState } from 'react'
import { type Preset, presetQueries } from '../../api/presets'
import { useTranslation } from '../../i18n/use-translation'
import { Button } from '../../ui/button'
import { Menu, MenuChoice, MenuItem, MenuLabel, MenuLine } from '../../ui/menu'
import { useToast } from '../../ui/toast'
import type { ParameterPanelProps } from './parameter-panel'
import { PresetsDialog } from './presets-dialog'
import { SavePresetDialog } from './save-preset-dialog'
import { sameSettings } from './values'

interface PresetMenuProps extends ParameterPanelProps {
  modelName: string | null
}

/** Applies a preset, keeps what is set now as one, opens the list of them. */
export function PresetMenu(props: PresetMenuProps) {
  const { model, modelName, value, onChange, systemPrompt, onSystemPromptChange, onModelChange } = props
  const { t } = useTranslation('parameters')
  const toast = useToast()
  const { data: presets = [], error } = useQuery(presetQueries.list())
  const [dialog, setDialog] = useState<'save' | 'manage' | null>(null)
  const now = { parameters: value, system_prompt: systemPrompt }
  const current = presets.find((preset) => sameSettings(preset, now))
  const apply = (preset: Preset) => {
    onChange(preset.parameters)
    if (preset.system_prompt !== null) onSystemPromptChange(preset.system_prompt)
    if (preset.model !== null && preset.model !== model) onModelChange?.(preset.model)
    const undo = () => {
      onChange(value)
      onSystemPromptChange(systemPrompt)
      if (preset.model !== null && model !== null) onModelChange?.(model)
    }
    toast({ text: t('presets.applied', { name: preset.name }), action: { label: t('undo'), onSelect: undo } })
  }
  const isAnything = Object.keys(value).length > 0 || Boolean(systemPrompt)
  return (
    <>
      <Menu
        align="start"
        trigger={
          <Button size="small" className="min-w-0 max-w-56 shrink">
            <span className="truncate">{current?.name ?? t('presets.title')}</span>
            <ChevronDown aria-hidden="true" className="size-4 shrink-0 text-muted" />
          </Button>
        }
      >
        {presets.length === 0 && <MenuLabel>{error === null ? t('presets.none') : t('presets.failed')}</MenuLabel>}
        {presets.map((preset) => (
          <MenuChoice key={preset.id} chosen={preset === current} onSelect={() => apply(preset)}>
            <span className="max-w-64 truncate">{preset.name}</span>
          </MenuChoice>
        ))}
        <MenuLine />
        <MenuItem icon={<BookmarkPlus />} disabled={!isAnything} onSelect={() => setDialog('save')}>
          {t('presets.save')}
        </MenuItem>
        <MenuItem icon={<ListChecks />} disabled={presets.length === 0} onSelect={() => setDialog('manage')}>
          {t('presets.manage')}
        </MenuItem>
      </Menu>
      {dialog === 'save' && (
        <SavePresetDialog
          settings={now}
          model={model}
          modelName={modelName}
          presets={presets}
          onClose={() => setDialog(null)}
        />
      )}
      {dialog === 'manage' && <PresetsDialog presets={presets} onClose={() => setDialog(null)} />}
    </>
  )
}
