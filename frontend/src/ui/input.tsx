import type { InputHTMLAttributes, Ref, TextareaHTMLAttributes } from 'react'
import { cn } from '../lib/cn'

const BOX = cn(
  'w-full min-w-0 rounded-control border border-control-line bg-surface-1 px-3 text-14 text-text',
  'aria-invalid:border-bad disabled:opacity-60 pointer-coarse:text-16',
)

export function Input({
  className,
  ref,
  ...rest
}: InputHTMLAttributes<HTMLInputElement> & { ref?: Ref<HTMLInputElement> }) {
  return <input ref={ref} className={cn(BOX, 'target', className)} {...rest} />
}

export function Textarea({
  className,
  ref,
  ...rest
}: TextareaHTMLAttributes<HTMLTextAreaElement> & { ref?: Ref<HTMLTextAreaElement> }) {
  return <textarea ref={ref} className={cn(BOX, 'min-h-20 resize-y py-2', className)} {...rest} />
}
