import { cn } from '../lib/cn'

/** Keys to press, such as "⌘ K": one box per key. */
export function Kbd({ keys, inverted }: { keys: string; inverted?: boolean }) {
  return (
    <span className="inline-flex gap-0.5">
      {keys.split(' ').map((key) => (
        <kbd
          key={key}
          className={cn(
            'inline-grid h-5 min-w-5 place-items-center rounded-control border px-1 font-sans text-12',
            inverted ? 'border-muted' : 'border-line bg-surface-1 text-muted',
          )}
        >
          {key}
        </kbd>
      ))}
    </span>
  )
}
