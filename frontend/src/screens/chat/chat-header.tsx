import { Columns2, Ghost, SlidersHorizontal } from 'lucide-react'
import type { ReactNode } from 'react'
import type { Parameters } from '../../api/conversation-types'
import { useTranslation } from '../../i18n/use-translation'
import { cn } from '../../lib/cn'
import { ModelPicker } from '../../parts/model-picker/model-picker'
import { useChangedCount } from '../../parts/parameters/use-model'
import { SidebarButton } from '../../parts/shell/shell'
import { Badge } from '../../ui/badge'
import { Button } from '../../ui/button'
import { IconButton } from '../../ui/icon-button'
import { Tooltip } from '../../ui/tooltip'

export interface ChatSettings {
  model: string | null
  parameters: Parameters
  systemPrompt: string | null
}

interface ChatHeaderProps {
  settings: ChatSettings
  onModelChange: (model: string) => void
  isPickerOpen: boolean
  onPickerOpenChange: (open: boolean) => void
  isPanelOpen: boolean
  onPanelOpenChange: (open: boolean) => void
  onCompare: () => void
  isTemporary: boolean
  /** Null where it is decided already. */
  onTemporaryChange: ((temporary: boolean) => void) | null
  menu: ReactNode
}

export function ChatHeader({ settings, isTemporary, onTemporaryChange, menu, ...rest }: ChatHeaderProps) {
  const { t } = useTranslation('chat')
  const count = useChangedCount(settings.model, settings.parameters, settings.systemPrompt)
  return (
    <header className="flex h-14 shrink-0 items-center gap-1 border-line border-b px-2 sm:px-3">
      <SidebarButton />
      <ModelPicker
        value={settings.model}
        onChange={rest.onModelChange}
        open={rest.isPickerOpen}
        onOpenChange={rest.onPickerOpenChange}
      />
      <div className="grow" />
      {isTemporary && onTemporaryChange === null && (
        <Badge tone="warn">
          <Ghost aria-hidden="true" className="size-3.5" />
          {t('temporary.badge')}
        </Badge>
      )}
      {onTemporaryChange !== null && (
        <IconButton
          label={isTemporary ? t('temporary.on') : t('temporary.off')}
          aria-pressed={isTemporary}
          onClick={() => onTemporaryChange(!isTemporary)}
          className={cn(isTemporary && 'bg-warn-soft text-warn hover:bg-warn-soft hover:text-warn')}
        >
          <Ghost className="size-4.5" />
        </IconButton>
      )}
      <ParametersButton
        count={count}
        isOpen={rest.isPanelOpen}
        onToggle={() => rest.onPanelOpenChange(!rest.isPanelOpen)}
      />
      <IconButton label={t('header.compare')} onClick={rest.onCompare}>
        <Columns2 className="size-4.5" />
      </IconButton>
      {menu}
    </header>
  )
}

function ParametersButton({ count, isOpen, onToggle }: { count: number; isOpen: boolean; onToggle: () => void }) {
  const { t } = useTranslation('chat')
  const name = count === 0 ? t('header.parameters') : t('header.parametersChanged', { count })
  return (
    <Tooltip text={name}>
      <Button
        look="ghost"
        aria-label={name}
        aria-expanded={isOpen}
        onClick={onToggle}
        className={cn('px-2.5 text-muted hover:text-text', isOpen && 'bg-surface-2 text-text')}
      >
        <SlidersHorizontal className="size-4.5" />
        <span className="hidden lg:inline">{t('header.parameters')}</span>
        {count > 0 && (
          <span className="min-w-5 rounded-full bg-accent-soft px-1.5 text-center font-medium text-12 text-accent leading-5 tabular-nums">
            {count}
          </span>
        )}
      </Button>
    </Tooltip>
  )
}
