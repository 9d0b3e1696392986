import { LoaderCircle } from 'lucide-react'
import { cn } from '../lib/cn'

/** Something small is under way; the text beside it says what. */
export function Spinner({ className }: { className?: string | undefined }) {
  return <LoaderCircle aria-hidden="true" className={cn('size-4 animate-spin', className)} />
}
