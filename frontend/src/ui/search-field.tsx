import { Search } from 'lucide-react'
import type { InputHTMLAttributes, Ref } from 'react'
import { cn } from '../lib/cn'
import { Input } from './input'

interface SearchFieldProps extends InputHTMLAttributes<HTMLInputElement> {
  label: string
  ref?: Ref<HTMLInputElement>
}

/** A field to narrow a list; its label is read out and stands in it while it is empty. */
export function SearchField({ label, className, ...rest }: SearchFieldProps) {
  return (
    <div className={cn('relative', className)}>
      <Search
        aria-hidden="true"
        className="-translate-y-1/2 pointer-events-none absolute top-1/2 left-3 size-4 text-muted"
      />
      <Input type="search" aria-label={label} placeholder={label} className="pl-9" {...rest} />
    </div>
  )
}
