import { useTranslation } from '../../i18n/use-translation'
import { SidebarButton } from '../../parts/shell/shell'
import { Skeleton } from '../../ui/skeleton'

/** The shape of a conversation while it is loaded. */
export function ChatSkeleton() {
  const { t } = useTranslation('chat')
  return (
    <div role="status" aria-label={t('loading')} className="flex h-full flex-col">
      <div className="flex h-14 shrink-0 items-center gap-3 border-line border-b px-2 sm:px-3">
        <SidebarButton />
        <Skeleton className="w-44" />
      </div>
      <div className="mx-auto grid w-full max-w-[49rem] grow content-start gap-6 px-4 pt-8 sm:px-6">
        <Skeleton className="ml-auto h-12 w-3/5 rounded-card" />
        <Skeleton className="w-32" />
        <Skeleton className="h-40" />
        <Skeleton className="ml-auto h-12 w-2/5 rounded-card" />
        <Skeleton className="w-32" />
        <Skeleton className="h-64" />
      </div>
    </div>
  )
}
