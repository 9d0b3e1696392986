import { useEffect, useState } from 'react'
import { cn } from '../lib/cn'

export const DELAY_MS = 150

/** True once something has been awaited for so long that a page should say so. */
export function useIsSlow(delayMs: number = DELAY_MS): boolean {
  const [isSlow, setIsSlow] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setIsSlow(true), delayMs)
    return () => clearTimeout(timer)
  }, [delayMs])
  return isSlow
}

/** Where something will stand; give it that thing's size. Nothing for the first 150 ms. */
export function Skeleton({ className }: { className?: string }) {
  const isSlow = useIsSlow()
  return (
    <div aria-hidden="true" className={cn('h-5 rounded-control', isSlow && 'animate-pulse bg-surface-3', className)} />
  )
}

/** Rows of a list or table that is being loaded; `label` is read out. */
export function SkeletonRows({ label, rows = 4, className }: { label: string; rows?: number; className?: string }) {
  return (
    <div role="status" aria-label={label} className="grid gap-3 py-2">
      {Array.from({ length: rows }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: rows that are all alike
        <Skeleton key={row} className={cn('h-9', className)} />
      ))}
    </div>
  )
}
