import type { Message } from '../../api/conversation-types'
import { useTranslation } from '../../i18n/use-translation'
import { cn } from '../../lib/cn'
import { duration, money, wholeNumber } from '../../lib/format'
import { speed } from '../../parts/answer/answer-figures'
import type { LiveAnswers } from '../../parts/answer/live-answers'
import { useSource } from '../../parts/answer/use-source'
import { CableDot } from '../../ui/cable-dot'
import type { Figure, FigureName } from './compare-figures'
import type { Column } from './turns'
import { useFigures } from './use-observed'

interface CompareTableProps {
  columns: readonly Column[]
  answers: readonly (Message | null)[]
  live: LiveAnswers
}

const NAMES: readonly FigureName[] = ['firstToken', 'speed', 'tokens', 'cost']

/** What each answer took: one line per model, the best of each figure in bold. */
export function CompareTable({ columns, answers, live }: CompareTableProps) {
  const { t } = useTranslation('compare')
  const figures = useFigures(answers, live)
  const heads = {
    firstToken: t('figure.firstToken'),
    speed: t('figure.speed'),
    tokens: t('figure.tokens'),
    cost: t('figure.cost'),
  }
  return (
    <table className="w-full max-w-chat border-collapse text-13">
      <caption className="sr-only">{t('figure.caption')}</caption>
      <thead>
        <tr className="text-12 text-muted">
          <th scope="col" className="sr-only">
            {t('model')}
          </th>
          {NAMES.map((name) => (
            <th key={name} scope="col" className="px-2 py-1 text-right font-normal first-of-type:pl-0">
              {heads[name]}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {columns.map((column, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: columns stay in their places, and two may have the same model
          <tr key={index} className="border-line border-t">
            <ModelCell model={answers[index]?.model ?? column.model} />
            {NAMES.map((name) => (
              <FigureCell key={name} name={name} figure={figures[name][index] ?? null} />
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function ModelCell({ model }: { model: string }) {
  const source = useSource(model, null)
  return (
    <th scope="row" className="w-2/5 max-w-0 py-1.5 text-left font-normal">
      <span className="flex items-center gap-2">
        <CableDot cable={source.cable} />
        <span className="truncate" title={model}>
          {source.modelName}
        </span>
      </span>
    </th>
  )
}

function FigureCell({ name, figure }: { name: FigureName; figure: Figure | null }) {
  const { t } = useTranslation('compare')
  const words = useFigureWords(name, figure)
  return (
    <td
      className={cn(
        'whitespace-nowrap px-2 py-1.5 text-right tabular-nums',
        figure?.best ? 'font-semibold' : 'text-muted',
      )}
    >
      {words}
      {figure?.best && <span className="sr-only"> ({t('figure.best')})</span>}
    </td>
  )
}

function useFigureWords(name: FigureName, figure: Figure | null): string {
  const { t, i18n } = useTranslation('compare')
  if (figure === null) return '–'
  const { value } = figure
  switch (name) {
    case 'firstToken':
      return duration(value, i18n.language)
    case 'speed':
      return t('figure.tokensPerSecond', { speed: speed(value, i18n.language) })
    case 'tokens':
      return figure.live ? `≈ ${wholeNumber(value, i18n.language)}` : wholeNumber(value, i18n.language)
    case 'cost':
      return value === 0 ? t('figure.free') : money(value, i18n.language)
  }
}
