import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { endSession, type SignInSession, sessionListQueries } from '../../api/account'
import { useTranslation } from '../../i18n/use-translation'
import { Badge } from '../../ui/badge'
import { Button } from '../../ui/button'
import { Failure } from '../../ui/failure'
import { Section } from '../../ui/page'
import { RelativeTime } from '../../ui/relative-time'
import { SkeletonRows } from '../../ui/skeleton'
import { deviceName } from './device-name'

/** Where this person is signed in. */
export function Sessions() {
  const { t } = useTranslation('settings')
  const sessions = useQuery(sessionListQueries.list())
  return (
    <Section title={t('sessions.title')} description={t('sessions.text')}>
      {sessions.isPending && <SkeletonRows label={t('loading')} rows={2} />}
      {sessions.isError && (
        <Failure title={t('failed')} error={sessions.error} onRetry={() => void sessions.refetch()} />
      )}
      <ul className="grid empty:hidden">
        {sessions.data?.map((session) => (
          <SessionRow key={session.id} session={session} />
        ))}
      </ul>
    </Section>
  )
}

function SessionRow({ session }: { session: SignInSession }) {
  const { t } = useTranslation('settings')
  const queries = useQueryClient()
  const end = useMutation({
    mutationFn: () => endSession(session.id),
    onSettled: () => void queries.invalidateQueries({ queryKey: sessionListQueries.all() }),
  })
  return (
    <li className="flex min-h-12 flex-wrap items-center gap-x-3 gap-y-1 border-line border-b py-2 last:border-0">
      <div className="min-w-0 grow">
        <p className="flex flex-wrap items-center gap-2" title={session.user_agent}>
          {deviceName(session.user_agent) ?? t('sessions.unknown')}
          {session.current && <Badge tone="accent">{t('sessions.this')}</Badge>}
        </p>
        <p className="text-13 text-muted">
          {session.address} · {t('sessions.seen')} <RelativeTime at={session.last_seen_at} />
        </p>
        {end.error && (
          <p role="alert" className="text-13 text-bad">
            {end.error.message}
          </p>
        )}
      </div>
      {!session.current && (
        <Button size="small" busy={end.isPending} onClick={() => end.mutate()}>
          {t('sessions.end')}
        </Button>
      )}
    </li>
  )
}
