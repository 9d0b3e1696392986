import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { RefreshCw } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { type Found, type Provider, providerQueries } from '../../api/providers'
import { useTranslation } from '../../i18n/use-translation'
import { Button } from '../../ui/button'
import { Failure } from '../../ui/failure'
import { Field } from '../../ui/field'
import { Input } from '../../ui/input'
import { Section } from '../../ui/page'

/** Servers on this machine; in a private network only when it is asked for. */
export function DiscoveryPanel({ known }: { known: readonly Provider[] }) {
  const { t } = useTranslation('providers')
  const [network, setNetwork] = useState<string>()
  const found = useQuery(providerQueries.discovered(network))
  const addresses = new Set(known.map((provider) => provider.base_url))
  const unknown = found.data?.filter((server) => !addresses.has(server.base_url)) ?? []
  return (
    <Section
      title={t('found.title')}
      description={t('found.text')}
      actions={
        <Button look="ghost" size="small" busy={found.isFetching} onClick={() => void found.refetch()}>
          <RefreshCw aria-hidden="true" className="size-3.5" />
          {t('found.again')}
        </Button>
      }
    >
      {found.isError && <Failure title={t('found.failed')} error={found.error} />}
      {found.isSuccess && unknown.length === 0 && <p className="text-13 text-muted">{t('found.none')}</p>}
      <ul className="grid gap-2 empty:hidden">
        {unknown.map((server) => (
          <FoundRow key={server.base_url} server={server} />
        ))}
      </ul>
      <NetworkForm onSearch={setNetwork} />
    </Section>
  )
}

function FoundRow({ server }: { server: Found }) {
  const { t } = useTranslation('providers')
  return (
    <li className="flex flex-wrap items-center gap-3 rounded-card border border-line px-3 py-2">
      <div className="min-w-0 grow">
        <p className="font-medium">
          {server.name}
          {server.models_count !== null && (
            <span className="font-normal text-muted"> · {t('models', { count: server.models_count })}</span>
          )}
        </p>
        <p className="truncate font-mono text-13 text-muted">{server.base_url}</p>
      </div>
      <Button asChild size="small">
        <Link to="/admin/providers/new" search={{ preset: server.preset, address: server.base_url }}>
          {t('add')}
        </Link>
      </Button>
    </li>
  )
}

function NetworkForm({ onSearch }: { onSearch: (network: string) => void }) {
  const { t } = useTranslation('providers')
  const [text, setText] = useState('')
  const submit = (event: FormEvent) => {
    event.preventDefault()
    onSearch(text.trim())
  }
  return (
    <form onSubmit={submit} className="flex flex-wrap items-end gap-2">
      <Field label={t('found.network')} hint={t('found.networkHint')} className="grow">
        {(control) => (
          <Input
            {...control}
            required
            placeholder="192.168.1.0/24"
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        )}
      </Field>
      <Button type="submit" className="mb-6">
        {t('found.search')}
      </Button>
    </form>
  )
}
