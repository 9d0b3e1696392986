import type { ReactNode } from 'react'
import { cn } from '../lib/cn'

const TONES = {
  plain: 'bg-surface-2 text-muted',
  accent: 'bg-accent-soft text-accent',
  ok: 'bg-surface-2 text-ok',
  warn: 'bg-warn-soft text-warn',
  bad: 'bg-bad-soft text-bad',
}

export function Badge({ children, tone = 'plain' }: { children: ReactNode; tone?: keyof typeof TONES }) {
  return (
    <span
      className={cn(
        'inline-flex h-5 shrink-0 items-center gap-1 whitespace-nowrap rounded-full px-2 font-medium text-12',
        TONES[tone],
      )}
    >
      {children}
    </span>
  )
}
