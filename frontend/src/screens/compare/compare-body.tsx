import type { ApiError } from '../../api/client'
import { useTranslation } from '../../i18n/use-translation'
import { useMedia } from '../../lib/use-media'
import { Failure } from '../../ui/failure'
import type { ColumnsProps } from './compare-column'
import { CompareColumns } from './compare-columns'
import { CompareComposer } from './compare-composer'
import { CompareTabs } from './compare-tabs'

interface CompareBodyProps extends ColumnsProps {
  /** Why the last question did not arrive. */
  problem: ApiError | null
  isRunning: boolean
  onSend: (text: string) => Promise<boolean>
  onStopAll: () => void
}

/** The columns and, below them, the one composer. */
export function CompareBody({ problem, isRunning, onSend, onStopAll, ...columns }: CompareBodyProps) {
  const { t } = useTranslation('compare')
  const isNarrow = useMedia('(max-width: 639px)')
  return (
    <>
      {isNarrow ? <CompareTabs {...columns} /> : <CompareColumns {...columns} />}
      <div className="mx-auto grid w-full max-w-chat shrink-0 gap-2 px-3 pt-1 pb-[max(0.75rem,env(safe-area-inset-bottom))]">
        {problem !== null && <Failure title={t('notAsked')} error={problem} />}
        <CompareComposer count={columns.columns.length} isRunning={isRunning} onSend={onSend} onStopAll={onStopAll} />
        <p role="status" className="sr-only">
          {columns.turns.length > 0 && !isRunning && t('allReady')}
        </p>
      </div>
    </>
  )
}
