import type { Preset } from '../../api/providers'
import { useTranslation } from '../../i18n/use-translation'
import { cn } from '../../lib/cn'

interface PresetGalleryProps {
  presets: readonly Preset[]
  chosenId: string | undefined
  onChoose: (preset: Preset) => void
}

export function PresetGallery({ presets, chosenId, onChoose }: PresetGalleryProps) {
  const { t } = useTranslation('providers')
  return (
    <section aria-label={t('presets')} className="grid gap-2">
      <h2 className="font-medium">{t('presets')}</h2>
      <ul className="grid grid-cols-1 gap-2 sm:grid-cols-2">
        {presets.map((preset) => (
          <li key={preset.id} className="grid">
            <button
              type="button"
              aria-pressed={preset.id === chosenId}
              onClick={() => onChoose(preset)}
              className={cn(
                'grid content-start gap-0.5 rounded-card border border-line bg-surface-1 px-4 py-3 text-left hover:bg-surface-2',
                preset.id === chosenId && 'border-accent bg-accent-soft hover:bg-accent-soft',
              )}
            >
              <span className="font-medium">{preset.label}</span>
              <span className="truncate text-13 text-muted">{preset.base_url || t('ownAddress')}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  )
}
