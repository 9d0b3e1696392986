import type { ReactNode } from 'react'
import { cn } from '../lib/cn'

interface PageProps {
  title: ReactNode
  description?: ReactNode
  /** Buttons at the right of the title. */
  actions?: ReactNode
  /** `form` is 40 rem wide, `wide` takes what tables need. */
  width?: 'form' | 'wide'
  children: ReactNode
}

/** A screen of the administration: heading, acts, contents; it scrolls by itself. */
export function Page({ title, description, actions, width = 'wide', children }: PageProps) {
  return (
    // What is hidden from sight is placed within it, and not below the window's end.
    <div className="relative h-full overflow-y-auto">
      <div
        className={cn(
          'mx-auto grid grid-cols-1 gap-6 px-4 pt-6 pb-16 sm:px-8 sm:pt-8',
          width === 'form' ? 'max-w-[44rem]' : 'max-w-page',
        )}
      >
        <header className="flex flex-wrap items-start justify-between gap-x-4 gap-y-3">
          <div className="grid min-w-0 gap-1">
            <h1 className="font-semibold text-20">{title}</h1>
            {description && <p className="max-w-form text-14 text-muted">{description}</p>}
          </div>
          {actions && <div className="flex flex-wrap gap-2">{actions}</div>}
        </header>
        {children}
      </div>
    </div>
  )
}

interface SectionProps {
  title: ReactNode
  description?: ReactNode
  actions?: ReactNode
  children: ReactNode
}

/** A titled part of a page, in a card. */
export function Section({ title, description, actions, children }: SectionProps) {
  return (
    <section className="grid grid-cols-1 gap-4 rounded-card border border-line bg-surface-1 p-4 sm:p-5">
      <div className="flex flex-wrap items-start justify-between gap-3">
        <div className="grid gap-0.5">
          <h2 className="font-semibold text-16 leading-6">{title}</h2>
          {description && <p className="text-13 text-muted">{description}</p>}
        </div>
        {actions}
      </div>
      {children}
    </section>
  )
}
