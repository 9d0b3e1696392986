import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useId, useState } from 'react'
import { changePreset, createPreset, type Preset, presetQueries } from '../../api/presets'
import { useTranslation } from '../../i18n/use-translation'
import { Button } from '../../ui/button'
import { Checkbox } from '../../ui/checkbox'
import { Dialog } from '../../ui/dialog'
import { Field } from '../../ui/field'
import { Input } from '../../ui/input'
import { useToast } from '../../ui/toast'
import type { Settings } from './values'

const LONGEST_NAME = 100

interface SavePresetDialogProps {
  settings: Settings
  model: string | null
  modelName: string | null
  presets: readonly Preset[]
  onClose: () => void
}

/** A name that exists already means that preset. */
export function SavePresetDialog({ settings, model, modelName, presets, onClose }: SavePresetDialogProps) {
  const { t } = useTranslation('parameters')
  const form = useId()
  const toast = useToast()
  const queries = useQueryClient()
  const [name, setName] = useState('')
  const [withModel, setWithModel] = useState(false)
  const existing = presets.find((preset) => preset.name.toLowerCase() === name.trim().toLowerCase())
  const save = useMutation({
    mutationFn: () => {
      const fields = {
        name: name.trim(),
        parameters: { ...settings.parameters },
        system_prompt: settings.system_prompt,
        model: withModel ? model : null,
      }
      return existing === undefined ? createPreset(fields) : changePreset(existing.id, fields)
    },
    onSuccess: async (preset) => {
      await queries.invalidateQueries({ queryKey: presetQueries.all() })
      toast({ text: t('presets.saved', { name: preset.name }) })
      onClose()
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (name.trim() !== '') save.mutate()
  }
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={t('presets.save')}
      description={t('presets.saveHint')}
      actions={
        <>
          <Button onClick={onClose}>{t('cancel')}</Button>
          <Button look="primary" type="submit" form={form} busy={save.isPending} disabled={name.trim() === ''}>
            {existing === undefined ? t('presets.saveNow') : t('presets.replace')}
          </Button>
        </>
      }
    >
      <form id={form} onSubmit={submit} className="grid gap-4">
        <Field
          label={t('presets.name')}
          hint={existing && t('presets.exists', { name: existing.name })}
          error={save.error && (save.error.message || t('presets.saveFailed'))}
        >
          {(control) => (
            <Input
              {...control}
              autoComplete="off"
              maxLength={LONGEST_NAME}
              value={name}
              onChange={(event) => setName(event.target.value)}
            />
          )}
        </Field>
        {model !== null && modelName !== null && (
          <Checkbox label={t('presets.withModel', { model: modelName })} checked={withModel} onChange={setWithModel} />
        )}
      </form>
    </Dialog>
  )
}
