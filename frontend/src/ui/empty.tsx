import type { ReactNode } from 'react'

interface EmptyProps {
  icon?: ReactNode
  title: string
  /** What belongs here. */
  children?: ReactNode
  /** The one act that puts it there. */
  action?: ReactNode
}

export function Empty({ icon, title, children, action }: EmptyProps) {
  return (
    <div className="mx-auto grid max-w-100 justify-items-center gap-2 px-6 py-12 text-center">
      {icon && <div className="mb-1 text-muted *:size-7">{icon}</div>}
      <p className="font-medium text-16">{title}</p>
      {children && <p className="text-14 text-muted">{children}</p>}
      {action && <div className="mt-3 flex flex-wrap justify-center gap-2">{action}</div>}
    </div>
  )
}
