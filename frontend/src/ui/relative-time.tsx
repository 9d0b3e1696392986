import { useTranslation } from '../i18n/use-translation'
import { exactTime, relativeTime } from '../lib/relative-time'

/** "3 min ago", with the exact time on hover. */
export function RelativeTime({ at, className }: { at: string | Date; className?: string }) {
  const { i18n } = useTranslation()
  const moment = new Date(at)
  return (
    <time dateTime={moment.toISOString()} title={exactTime(moment, i18n.language)} className={className}>
      {relativeTime(moment, new Date(), i18n.language)}
    </time>
  )
}
