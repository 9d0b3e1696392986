import type { ReactNode } from 'react'
import { useId } from 'react'

interface ListGroupProps {
  title: string
  icon?: ReactNode
  children: ReactNode
}

export function ListGroup({ title, icon, children }: ListGroupProps) {
  const id = useId()
  return (
    <section aria-labelledby={id} className="pt-3">
      <h2 id={id} className="flex items-center gap-1.5 px-2.5 pb-1 font-medium text-12 text-muted">
        {icon}
        {title}
      </h2>
      <ul className="grid grid-cols-1 gap-px">{children}</ul>
    </section>
  )
}
