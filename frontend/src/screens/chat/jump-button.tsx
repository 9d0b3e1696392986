import { ArrowDown } from 'lucide-react'
import { useTranslation } from '../../i18n/use-translation'
import { Button } from '../../ui/button'

/** The way back to the end, while the reader is somewhere else. */
export function JumpButton({ isRunning, onJump }: { isRunning: boolean; onJump: () => void }) {
  const { t } = useTranslation('chat')
  return (
    // It stands in what scrolls, without height: a wheel turned above it scrolls as everywhere.
    <div className="sticky bottom-3 z-10 flex h-0 items-end justify-center">
      <Button size="small" className="animate-rise rounded-full px-3 shadow-float" onClick={onJump}>
        <ArrowDown aria-hidden="true" className="size-4" />
        {isRunning ? t('jump.running') : t('jump.latest')}
      </Button>
    </div>
  )
}
