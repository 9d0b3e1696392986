import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Check, Plus, RefreshCw } from 'lucide-react'
import { modelQueries } from '../../api/models'
import { createProvider, type Found, providerQueries } from '../../api/providers'
import { useTranslation } from '../../i18n/use-translation'
import { Button } from '../../ui/button'
import { Failure } from '../../ui/failure'
import { SkeletonRows } from '../../ui/skeleton'

/** LM Studio, Ollama and their like on this machine, added with one press. */
export function FoundServers({ onAdded }: { onAdded: () => void }) {
  const { t } = useTranslation('welcome')
  const found = useQuery(providerQueries.discovered())
  return (
    <section aria-label={t('found.title')} className="grid gap-2">
      <div className="flex items-center justify-between gap-2">
        <h3 className="font-medium">{t('found.title')}</h3>
        <Button look="ghost" size="small" busy={found.isFetching} onClick={() => void found.refetch()}>
          <RefreshCw aria-hidden="true" className="size-3.5" />
          {t('found.again')}
        </Button>
      </div>
      {found.isPending && <SkeletonRows label={t('found.looking')} rows={1} />}
      {found.isError && <Failure title={t('found.failed')} error={found.error} onRetry={() => void found.refetch()} />}
      {found.data?.length === 0 && <p className="text-13 text-muted">{t('found.none')}</p>}
      <ul className="grid gap-2 empty:hidden">
        {found.data?.map((server) => (
          <FoundServer key={server.base_url} server={server} onAdded={onAdded} />
        ))}
      </ul>
    </section>
  )
}

function FoundServer({ server, onAdded }: { server: Found; onAdded: () => void }) {
  const { t } = useTranslation('welcome')
  const queries = useQueryClient()
  const { data: known = [] } = useQuery(providerQueries.list())
  const add = useMutation({
    mutationFn: () =>
      createProvider({
        provider: server.provider,
        name: server.name,
        base_url: server.base_url,
        preset: server.preset,
      }),
    onSuccess: () => {
      onAdded()
      void queries.invalidateQueries({ queryKey: providerQueries.all() })
      void queries.invalidateQueries({ queryKey: modelQueries.all() })
    },
  })
  const isThere = add.isSuccess || known.some((one) => one.base_url === server.base_url)
  return (
    <li className="flex flex-wrap items-center gap-3 rounded-card border border-line px-3 py-2">
      <div className="min-w-0 grow">
        <p className="font-medium">
          {server.name}
          {server.models_count !== null && (
            <span className="font-normal text-muted"> · {t('found.models', { count: server.models_count })}</span>
          )}
        </p>
        <p className="truncate font-mono text-13 text-muted">{server.base_url}</p>
        {add.error && (
          <p role="alert" className="text-13 text-bad">
            {add.error.message}
          </p>
        )}
      </div>
      {isThere ? (
        <span className="flex items-center gap-1.5 text-13 text-ok">
          <Check aria-hidden="true" className="size-4" />
          {t('found.added')}
        </span>
      ) : (
        <Button busy={add.isPending} onClick={() => add.mutate()}>
          <Plus aria-hidden="true" className="size-4" />
          {t('found.add')}
        </Button>
      )}
    </li>
  )
}
