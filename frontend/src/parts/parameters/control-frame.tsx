import { RotateCcw } from 'lucide-react'
import type { ReactNode } from 'react'
import { useTranslation } from '../../i18n/use-translation'
import { cn } from '../../lib/cn'
import { IconButton } from '../../ui/icon-button'
import type { Words } from './parameter-words'

interface ControlFrameProps {
  words: Words
  noteId: string
  /** Of the control it labels, where that is one element. */
  htmlFor?: string
  isSet: boolean
  onReset: () => void
  problem: string | null
  /** At the right of the name. */
  aside?: ReactNode
  children?: ReactNode
}

/** A parameter's name, its way back to the default, its control, and one line of what it does. */
export function ControlFrame({ words, noteId, htmlFor, isSet, onReset, problem, aside, children }: ControlFrameProps) {
  const { t } = useTranslation('parameters')
  const name = <span className={cn('truncate text-14', isSet && 'font-medium')}>{words.label}</span>
  return (
    <div className="grid gap-1">
      <div className="flex min-h-9 items-center gap-1 pointer-coarse:min-h-11">
        {htmlFor === undefined ? (
          name
        ) : (
          <label htmlFor={htmlFor} className="min-w-0 truncate">
            {name}
          </label>
        )}
        {isSet && (
          <IconButton label={t('resetOne', { name: words.label })} size="small" onClick={onReset}>
            <RotateCcw className="size-3.5" />
          </IconButton>
        )}
        <span className="grow" />
        {aside}
      </div>
      {children}
      {(problem ?? words.what) && (
        <p id={noteId} className={cn('text-12', problem === null ? 'text-muted' : 'text-bad')}>
          {problem ?? words.what}
        </p>
      )}
    </div>
  )
}
