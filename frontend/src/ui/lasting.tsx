import { useTranslation } from '../i18n/use-translation'
import { lasting } from '../lib/format'
import { exactTime } from '../lib/relative-time'

/** "for 3 min", with the time since when on hover. */
export function Lasting({ since, className }: { since: string; className?: string }) {
  const { t, i18n } = useTranslation('common')
  const moment = new Date(since)
  return (
    <time dateTime={since} title={exactTime(moment, i18n.language)} className={className}>
      {t('lasting', { time: lasting(Date.now() - moment.getTime(), i18n.language) })}
    </time>
  )
}
