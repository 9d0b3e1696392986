import { SlidersHorizontal } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import { useTranslation } from '../../i18n/use-translation'
import { usePageTitle } from '../../lib/use-page-title'
import { ParameterPanel } from '../../parts/parameters/parameter-panel'
import { useChangedCount } from '../../parts/parameters/use-model'
import type { Values } from '../../parts/parameters/values'
import { SidebarButton } from '../../parts/shell/shell'
import { Badge } from '../../ui/badge'
import { Button } from '../../ui/button'

interface CompareFrameProps {
  title: string
  /** The first column's model: the parameters are those that it takes. */
  model: string | null
  parameters: Values
  onParameters: (value: Values) => void
  systemPrompt: string | null
  onSystemPrompt: (text: string | null) => void
  actions?: ReactNode
  children: ReactNode
}

/** Header, contents, and the sheet of parameters that all columns share. */
export function CompareFrame(props: CompareFrameProps) {
  const { title, model, parameters, onParameters, systemPrompt, onSystemPrompt, actions, children } = props
  const { t } = useTranslation('compare')
  const [isOpen, setIsOpen] = useState(false)
  usePageTitle(title)
  const changed = useChangedCount(model, parameters, systemPrompt)
  return (
    <div className="flex h-full">
      <div className="flex min-w-0 grow flex-col">
        <header className="flex min-h-14 shrink-0 items-center gap-2 border-line border-b px-3">
          <SidebarButton />
          <h1 className="min-w-0 grow truncate px-1 font-semibold text-14">{title}</h1>
          {actions}
          <Button look="ghost" aria-expanded={isOpen} onClick={() => setIsOpen(!isOpen)}>
            <SlidersHorizontal aria-hidden="true" className="size-4" />
            <span className="max-sm:sr-only">{t('parameters')}</span>
            {changed > 0 && <Badge tone="accent">{t('changed', { count: changed })}</Badge>}
          </Button>
        </header>
        {children}
      </div>
      <ParameterPanel
        open={isOpen}
        onOpenChange={setIsOpen}
        model={model}
        value={parameters}
        onChange={onParameters}
        systemPrompt={systemPrompt}
        onSystemPromptChange={onSystemPrompt}
      />
    </div>
  )
}
