import { ChevronRight } from 'lucide-react'
import { useState } from 'react'
import type { AuditEntry } from '../../api/audit'
import { useTranslation } from '../../i18n/use-translation'
import { cn } from '../../lib/cn'
import { Differences } from '../../ui/differences'
import { RelativeTime } from '../../ui/relative-time'

export function AuditRow({ entry }: { entry: AuditEntry }) {
  const { t } = useTranslation('audit')
  const [isOpen, setIsOpen] = useState(false)
  const hasDetails = entry.old !== null || entry.new !== null
  const words = (
    <>
      <span className="min-w-0 grow">
        <span className="font-medium">{entry.actor.name}</span>{' '}
        <span className="text-muted">{t(`actions.${entry.action}`, { defaultValue: entry.action })}</span>{' '}
        <span className="font-medium">{entry.object_name}</span>{' '}
        <span className="text-muted">({t(`types.${entry.object_type}`, { defaultValue: entry.object_type })})</span>
      </span>
      <RelativeTime at={entry.at} className="shrink-0 text-13 text-muted" />
    </>
  )
  const look = 'target flex w-full items-center gap-3 px-4 py-2 text-left'
  return (
    <li className="border-line border-b last:border-0">
      {hasDetails ? (
        <button
          type="button"
          aria-expanded={isOpen}
          onClick={() => setIsOpen(!isOpen)}
          className={cn(look, 'hover:bg-surface-2')}
        >
          <ChevronRight aria-hidden="true" className={cn('size-4 shrink-0 text-muted', isOpen && 'rotate-90')} />
          {words}
        </button>
      ) : (
        <div className={cn(look, 'pl-11')}>{words}</div>
      )}
      {isOpen && (
        <div className="px-4 pb-4 pl-11">
          <Differences before={entry.old ?? {}} after={entry.new ?? {}} />
        </div>
      )}
    </li>
  )
}
