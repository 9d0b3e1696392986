import { useId } from 'react'
import { useTranslation } from '../../i18n/use-translation'
import { wholeNumber } from '../../lib/format'
import { Textarea } from '../../ui/input'
import { ControlFrame } from './control-frame'
import { estimatedTokens } from './values'

interface SystemPromptProps {
  value: string | null
  onChange: (text: string | null) => void
}

/** What the model is told before the conversation begins. */
export function SystemPrompt({ value, onChange }: SystemPromptProps) {
  const { t, i18n } = useTranslation('parameters')
  const id = useId()
  const tokens = estimatedTokens(value ?? '')
  return (
    <ControlFrame
      words={{ label: t('systemPrompt.label'), what: t('systemPrompt.what') }}
      noteId={`${id}-note`}
      htmlFor={id}
      isSet={Boolean(value)}
      onReset={() => onChange(null)}
      problem={null}
      aside={
        tokens > 0 && (
          <span className="text-12 text-muted tabular-nums">
            {t('systemPrompt.tokens', { count: tokens, tokens: wholeNumber(tokens, i18n.language) })}
          </span>
        )
      }
    >
      <Textarea
        id={id}
        aria-describedby={`${id}-note`}
        rows={6}
        placeholder={t('systemPrompt.placeholder')}
        className="field-sizing-content max-h-96 min-h-32"
        value={value ?? ''}
        onChange={(event) => onChange(event.target.value === '' ? null : event.target.value)}
      />
    </ControlFrame>
  )
}
