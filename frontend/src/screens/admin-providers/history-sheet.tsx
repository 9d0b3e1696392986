import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { type Provider, providerQueries, rollBack, type Version, versionsOf } from '../../api/providers'
import { userNameQuery } from '../../api/user-names'
import { useTranslation } from '../../i18n/use-translation'
import { Button } from '../../ui/button'
import { Confirm } from '../../ui/confirm'
import { Differences } from '../../ui/differences'
import { Failure } from '../../ui/failure'
import { RelativeTime } from '../../ui/relative-time'
import { SideSheet } from '../../ui/side-sheet'
import { SkeletonRows } from '../../ui/skeleton'
import { useToast } from '../../ui/toast'

/** What a provider's configuration was, change by change, and the way back. */
export function HistorySheet({ provider, onClose }: { provider: Provider; onClose: () => void }) {
  const { t } = useTranslation('providers')
  const queries = useQueryClient()
  const show = useToast()
  const [wanted, setWanted] = useState<Version | null>(null)
  const versions = useQuery({
    queryKey: [...providerQueries.all(), 'versions', provider.slug, provider.version],
    queryFn: () => versionsOf(provider.slug),
  })
  const back = useMutation({
    mutationFn: (version: number) => rollBack(provider.slug, version),
    onSuccess: (edited) => {
      show({ text: [t('rolledBack'), ...edited.notices].join(' ') })
      onClose()
    },
    onError: (error) => show({ tone: 'bad', text: error.message }),
    onSettled: () => {
      setWanted(null)
      void queries.invalidateQueries({ queryKey: providerQueries.all() })
    },
  })
  const rows = versions.data ?? []
  return (
    <SideSheet open onOpenChange={onClose} title={t('historyOf', { name: provider.name })} place="over">
      {versions.isPending && <SkeletonRows label={t('loading')} />}
      {versions.isError && (
        <Failure title={t('historyFailed')} error={versions.error} onRetry={() => void versions.refetch()} />
      )}
      <ol className="grid gap-6">
        {rows.map((version, place) => (
          <li key={version.version} className="grid gap-2">
            <div className="flex items-center justify-between gap-3">
              <p>
                <span className="font-medium">{t('version', { number: version.version })}</span>{' '}
                <span className="text-13 text-muted">
                  <RelativeTime at={version.created_at} /> <Author id={version.changed_by} />
                </span>
              </p>
              {place > 0 && (
                <Button size="small" onClick={() => setWanted(version)}>
                  {t('rollBack')}
                </Button>
              )}
            </div>
            <Differences before={rows[place + 1]?.configuration ?? {}} after={version.configuration} />
          </li>
        ))}
      </ol>
      <Confirm
        open={wanted !== null}
        onOpenChange={() => setWanted(null)}
        title={t('rollBackTitle', { number: wanted?.version ?? 0 })}
        description={t('rollBackText')}
        action={t('rollBack')}
        busy={back.isPending}
        onConfirm={() => wanted && back.mutate(wanted.version)}
      />
    </SideSheet>
  )
}

function Author({ id }: { id: string | null }) {
  const { t } = useTranslation('providers')
  const { data } = useQuery({ ...userNameQuery(id ?? ''), enabled: id !== null })
  if (id === null) return t('byPatchbay')
  return data ? t('byPerson', { name: data }) : null
}
