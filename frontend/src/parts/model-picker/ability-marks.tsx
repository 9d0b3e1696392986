import { Brain, Eye, Wrench } from 'lucide-react'
import { useTranslation } from '../../i18n/use-translation'

const ABILITIES = [
  ['vision', Eye],
  ['tools', Wrench],
  ['reasoning', Brain],
] as const

interface AbilityMarksProps {
  capabilities: readonly string[]
  /** The words stand beside the marks. */
  inWords?: boolean
}

/** Sees, uses tools, reasons: a mark each, where it is so. */
export function AbilityMarks({ capabilities, inWords }: AbilityMarksProps) {
  const { t } = useTranslation('picker')
  const words = { vision: t('ability.vision'), tools: t('ability.tools'), reasoning: t('ability.reasoning') }
  return ABILITIES.filter(([ability]) => capabilities.includes(ability)).map(([ability, Icon]) =>
    inWords ? (
      <span key={ability} className="inline-flex items-center gap-1">
        <Icon aria-hidden="true" className="size-3.5 shrink-0" />
        {words[ability]}
      </span>
    ) : (
      <span key={ability} role="img" aria-label={words[ability]} title={words[ability]} className="shrink-0 text-muted">
        <Icon aria-hidden="true" className="size-3.5" />
      </span>
    ),
  )
}
