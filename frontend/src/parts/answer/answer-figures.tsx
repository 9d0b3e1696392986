import type { Message } from '../../api/conversation-types'
import { useTranslation } from '../../i18n/use-translation'
import { duration, money, wholeNumber } from '../../lib/format'

interface AnswerFiguresProps {
  message: Message
  onOpen: () => void
}

/** Tokens, first token, speed and cost on one line; a press opens what was sent and what happened. */
export function AnswerFigures({ message, onOpen }: AnswerFiguresProps) {
  const { t } = useTranslation('answer')
  const figures = useFigures(message)
  return (
    <button
      type="button"
      onClick={onOpen}
      title={t('figures.open')}
      className="target -ml-1.5 flex min-w-0 flex-wrap items-center rounded-control px-1.5 text-left text-12 text-muted tabular-nums hover:bg-surface-2 hover:text-text"
    >
      <span className="sr-only">{t('figures.open')}: </span>
      {figures.length > 0 ? figures.join(' · ') : t('figures.none')}
    </button>
  )
}

function useFigures({ usage, timings, cost_usd: cost }: Message): string[] {
  const { t, i18n } = useTranslation('answer')
  const language = i18n.language
  const figures: string[] = []
  if (usage !== null && usage.source !== 'absent') {
    const tokens = { count: usage.completion_tokens, tokens: wholeNumber(usage.completion_tokens, language) }
    figures.push(usage.source === 'estimated' ? t('figures.aboutTokens', tokens) : t('figures.tokens', tokens))
  }
  if (timings !== null && timings.first_token_ms !== null) {
    figures.push(t('figures.firstToken', { time: duration(timings.first_token_ms, language) }))
  }
  if (timings !== null && timings.tokens_per_second !== null) {
    figures.push(t('figures.speed', { speed: speed(timings.tokens_per_second, language) }))
  }
  if (cost !== null) figures.push(cost === 0 ? t('figures.free') : money(cost, language))
  return figures
}

/** Digits only where they matter. */
export function speed(tokensPerSecond: number, language: string): string {
  const digits = tokensPerSecond < 10 ? 1 : 0
  return new Intl.NumberFormat(language, { maximumFractionDigits: digits }).format(tokensPerSecond)
}
