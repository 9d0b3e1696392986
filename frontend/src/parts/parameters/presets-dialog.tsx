import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Pencil, Trash2 } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { changePreset, createPreset, deletePreset, type Preset, presetQueries } from '../../api/presets'
import { useTranslation } from '../../i18n/use-translation'
import { Button } from '../../ui/button'
import { Dialog } from '../../ui/dialog'
import { IconButton } from '../../ui/icon-button'
import { Input } from '../../ui/input'
import { useToast } from '../../ui/toast'

const ROW = 'flex min-h-12 items-center gap-1 border-line border-b last:border-0'

/** All presets: renaming and deleting them. What was deleted can be brought back until the dialog closes. */
export function PresetsDialog({ presets, onClose }: { presets: readonly Preset[]; onClose: () => void }) {
  const { t } = useTranslation('parameters')
  const [renamed, setRenamed] = useState<string | null>(null)
  const { rename, remove, restore, deleted } = usePresetChanges()
  return (
    <Dialog open onOpenChange={onClose} title={t('presets.manage')}>
      {presets.length === 0 && deleted.length === 0 && <p className="py-4 text-14 text-muted">{t('presets.none')}</p>}
      <ul className="grid">
        {presets.map((preset) => (
          <li key={preset.id} className={ROW}>
            {renamed === preset.id ? (
              <NameForm
                name={preset.name}
                onDone={(name) => {
                  setRenamed(null)
                  if (name !== preset.name) rename(preset, name)
                }}
              />
            ) : (
              <>
                <span className="min-w-0 grow truncate">{preset.name}</span>
                {preset.model !== null && <span className="truncate text-13 text-muted">{preset.model}</span>}
                <IconButton label={t('presets.rename', { name: preset.name })} onClick={() => setRenamed(preset.id)}>
                  <Pencil className="size-4" />
                </IconButton>
                <IconButton label={t('presets.delete', { name: preset.name })} onClick={() => remove(preset)}>
                  <Trash2 className="size-4" />
                </IconButton>
              </>
            )}
          </li>
        ))}
        {deleted.map((preset) => (
          <li key={preset.id} className={ROW}>
            <span role="status" className="min-w-0 grow truncate text-muted">
              {t('presets.deleted', { name: preset.name })}
            </span>
            <Button size="small" onClick={() => restore(preset)}>
              {t('undo')}
            </Button>
          </li>
        ))}
      </ul>
    </Dialog>
  )
}

function NameForm({ name, onDone }: { name: string; onDone: (name: string) => void }) {
  const { t } = useTranslation('parameters')
  const [draft, setDraft] = useState(name)
  const done = (event?: FormEvent) => {
    event?.preventDefault()
    onDone(draft.trim() || name)
  }
  return (
    <form onSubmit={done} className="flex grow items-center gap-2 py-1">
      <Input
        aria-label={t('presets.name')}
        autoFocus
        autoComplete="off"
        value={draft}
        onChange={(event) => setDraft(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Escape') return
          // The dialog stays: only the renaming ends.
          event.stopPropagation()
          onDone(name)
        }}
      />
      <Button type="submit">{t('presets.saveNow')}</Button>
    </form>
  )
}

function usePresetChanges() {
  const { t } = useTranslation('parameters')
  const toast = useToast()
  const queries = useQueryClient()
  const [deleted, setDeleted] = useState<readonly Preset[]>([])
  const outcome = {
    onSettled: () => queries.invalidateQueries({ queryKey: presetQueries.all() }),
    onError: () => toast({ text: t('presets.changeFailed'), tone: 'bad' as const }),
  }
  const renaming = useMutation({
    mutationFn: ({ id, name }: { id: string; name: string }) => changePreset(id, { name }),
    ...outcome,
  })
  const removing = useMutation({
    mutationFn: (preset: Preset) => deletePreset(preset.id),
    onSuccess: (_, preset) => setDeleted((before) => [...before, preset]),
    ...outcome,
  })
  const restoring = useMutation({
    mutationFn: ({ name, parameters, system_prompt, model }: Preset) =>
      createPreset({ name, parameters, system_prompt, model }),
    onSuccess: (_, preset) => setDeleted((before) => before.filter((one) => one !== preset)),
    ...outcome,
  })
  return {
    deleted,
    rename: (preset: Preset, name: string) => renaming.mutate({ id: preset.id, name }),
    remove: (preset: Preset) => removing.mutate(preset),
    restore: (preset: Preset) => restoring.mutate(preset),
  }
}
