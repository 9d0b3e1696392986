import { X } from 'lucide-react'
import { createContext, type ReactNode, useCallback, useContext, useEffect, useRef, useState } from 'react'
import { useTranslation } from '../i18n/use-translation'
import { cn } from '../lib/cn'
import { Button } from './button'
import { IconButton } from './icon-button'

export const UNDO_MS = 8000
const NORMAL_MS = 5000
const MOST = 3

export interface ToastMessage {
  text: ReactNode
  tone?: 'plain' | 'bad'
  /** One act, such as undoing; with it the message stays 8 s. */
  action?: { label: string; onSelect: () => void }
}

type Shown = ToastMessage & { id: number }
type Show = (message: ToastMessage) => void

const ToastContext = createContext<Show>(() => {})

/** Says what just happened, at the foot of the page. */
export function useToast(): Show {
  return useContext(ToastContext)
}

export function ToastProvider({ children }: { children: ReactNode }) {
  const [shown, setShown] = useState<readonly Shown[]>([])
  const show = useCallback<Show>((message) => {
    setShown((before) => [...before.slice(1 - MOST), { ...message, id: (before.at(-1)?.id ?? 0) + 1 }])
  }, [])
  const forget = useCallback((id: number) => setShown((before) => before.filter((one) => one.id !== id)), [])
  return (
    <ToastContext value={show}>
      {children}
      <Toasts shown={shown} onGone={forget} />
    </ToastContext>
  )
}

/** Above everything, also above what covers the page: what it offers must be in reach while a dialog is open. */
function Toasts({ shown, onGone }: { shown: readonly Shown[]; onGone: (id: number) => void }) {
  const { t } = useTranslation('common')
  const [isHeld, setIsHeld] = useState(false)
  return (
    <section
      data-toasts
      aria-label={t('notification')}
      aria-live="polite"
      onPointerEnter={() => setIsHeld(true)}
      onPointerLeave={() => setIsHeld(false)}
      onFocus={() => setIsHeld(true)}
      onBlur={() => setIsHeld(false)}
      className="pointer-events-none fixed bottom-4 left-1/2 z-60 grid w-[min(28rem,calc(100vw-32px))] -translate-x-1/2 gap-2 pb-[env(safe-area-inset-bottom)]"
    >
      {shown.map((message) => (
        <Toast key={message.id} message={message} isHeld={isHeld} onGone={() => onGone(message.id)} />
      ))}
    </section>
  )
}

function Toast({ message, isHeld, onGone }: { message: Shown; isHeld: boolean; onGone: () => void }) {
  const { t } = useTranslation('common')
  const { action, text, tone } = message
  useEndOfTime(action ? UNDO_MS : NORMAL_MS, isHeld, onGone)
  return (
    <div
      className={cn(
        'pointer-events-auto flex animate-rise items-center gap-2 rounded-card border border-line bg-surface-1 py-1.5 pr-1.5 pl-4 shadow-float',
        tone === 'bad' && 'border-bad',
      )}
    >
      <p className="min-w-0 grow py-1.5 text-14">{text}</p>
      {action && (
        <Button
          look="ghost"
          size="small"
          className="font-medium text-accent"
          onClick={() => {
            action.onSelect()
            onGone()
          }}
        >
          {action.label}
        </Button>
      )}
      <IconButton label={t('close')} size="small" onClick={onGone}>
        <X className="size-4" />
      </IconButton>
    </div>
  )
}

/** Calls after so much time in which nobody held it: whoever points at a message is reading it. */
function useEndOfTime(ms: number, isHeld: boolean, onEnd: () => void): void {
  const leftMs = useRef(ms)
  const end = useRef(onEnd)
  useEffect(() => {
    end.current = onEnd
  })
  useEffect(() => {
    if (isHeld) return
    const start = Date.now()
    const timer = setTimeout(() => end.current(), leftMs.current)
    return () => {
      clearTimeout(timer)
      leftMs.current -= Date.now() - start
    }
  }, [isHeld])
}
