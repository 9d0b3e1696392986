import { useMutation, useQueryClient } from '@tanstack/react-query'
import { modelQueries } from '../../api/models'
import { changeSettings, type Settings, type SettingsChanges, settingsQueries } from '../../api/settings'
import { useTranslation } from '../../i18n/use-translation'
import { useToast } from '../../ui/toast'

/** Keeps a change at once, shows it, and offers to take it back. */
export function useSetting() {
  const { t } = useTranslation('adminSettings')
  const queries = useQueryClient()
  const show = useToast()
  const change = useMutation({
    mutationFn: ({ changes }: { changes: SettingsChanges; undo?: SettingsChanges }) => changeSettings(changes),
    onSuccess: (settings: Settings, { undo }) => {
      queries.setQueryData(settingsQueries.all(), settings)
      void queries.invalidateQueries({ queryKey: modelQueries.all() })
      show({
        text: undo ? t('saved') : t('undone'),
        ...(undo && { action: { label: t('undo'), onSelect: () => change.mutate({ changes: undo }) } }),
      })
    },
    onError: (error) => show({ tone: 'bad', text: error.message }),
  })
  return {
    save: (changes: SettingsChanges, undo: SettingsChanges) => change.mutate({ changes, undo }),
    isBusy: change.isPending,
  }
}
