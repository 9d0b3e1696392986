import { Check } from 'lucide-react'
import type { ReactNode } from 'react'
import { cn } from '../../lib/cn'

interface StepProps {
  number: number
  title: string
  /** What comes later is in sight, but can't be used yet. */
  state: 'open' | 'done' | 'waiting'
  /** Said in its place once it is done. */
  note?: string
  children: ReactNode
}

export function Step({ number, title, state, note, children }: StepProps) {
  return (
    <li
      className={cn(
        'grid grid-cols-[auto_1fr] gap-x-4 rounded-card border border-line bg-surface-1 p-4 sm:p-5',
        state === 'waiting' && 'opacity-60',
      )}
    >
      <span
        aria-hidden="true"
        className={cn(
          'grid size-7 place-items-center rounded-full font-semibold text-13 tabular-nums',
          state === 'done' ? 'bg-ok text-surface-1' : 'bg-accent-soft text-accent',
        )}
      >
        {state === 'done' ? <Check className="size-4" strokeWidth={3} /> : number}
      </span>
      <div className="min-w-0">
        <h2 className="flex min-h-7 items-center font-semibold text-16">{title}</h2>
        {state === 'done' && <p className="text-muted">{note}</p>}
        {state === 'open' && <div className="pt-3">{children}</div>}
      </div>
    </li>
  )
}
