import { type ReactNode, useRef } from 'react'
import { useTranslation } from '../../i18n/use-translation'
import { useOverflow } from './use-overflow'

/** A wide table scrolls in a box of its own, by keys too. */
export function TableBox({ children }: { children: ReactNode }) {
  const { t } = useTranslation('markdown')
  const box = useRef<HTMLElement>(null)
  const overflows = useOverflow(box)
  return (
    <section ref={box} className="md-table" tabIndex={overflows ? 0 : undefined} aria-label={t('table')}>
      <table>{children}</table>
    </section>
  )
}
