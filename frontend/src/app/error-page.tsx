import { useQuery } from '@tanstack/react-query'
import { type ErrorComponentProps, Link, useRouter } from '@tanstack/react-router'
import { Cable, Compass, TriangleAlert } from 'lucide-react'
import { useEffect } from 'react'
import { ApiError } from '../api/client'
import { readinessQueries } from '../api/readiness'
import { useTranslation } from '../i18n/use-translation'
import { Button } from '../ui/button'
import { Empty } from '../ui/empty'

const AGAIN_MS = 3000

export function ErrorPage({ error }: ErrorComponentProps) {
  const isGateway = error instanceof ApiError && (error.status === 0 || error.status >= 500)
  return (
    <div className="grid h-full place-items-center">
      {isGateway ? <GatewayTrouble /> : <Broken text={error instanceof Error ? error.message : String(error)} />}
    </div>
  )
}

/** Nobody answers, or who answers lacks a part; goes on by itself once that is over. */
function GatewayTrouble() {
  const { t } = useTranslation('common')
  const router = useRouter()
  const { data, refetch } = useQuery({ ...readinessQueries.current(), retry: false, refetchInterval: AGAIN_MS })
  const isReady = data?.status === 'ready'
  useEffect(() => {
    if (isReady) void router.invalidate()
  }, [isReady, router])
  const failing = Object.entries(data?.parts ?? {}).flatMap(([name, part]) => (part.ok ? [] : [name]))
  return (
    <div role="alert">
      <Empty
        icon={<Cable />}
        title={failing.length > 0 ? t('failed.notReady') : t('failed.gateway')}
        action={<Button onClick={() => void refetch().then(() => router.invalidate())}>{t('tryAgain')}</Button>}
      >
        {failing.length > 0 ? t('failed.notReadyHint', { parts: failing.join(', ') }) : t('failed.gatewayHint')}
      </Empty>
    </div>
  )
}

function Broken({ text }: { text: string }) {
  const { t } = useTranslation('common')
  return (
    <div role="alert">
      <Empty
        icon={<TriangleAlert />}
        title={t('failed.page')}
        action={<Button onClick={() => location.reload()}>{t('failed.reload')}</Button>}
      >
        {text}
      </Empty>
    </div>
  )
}

export function NotFoundPage() {
  const { t } = useTranslation('common')
  return (
    <div className="grid h-full place-items-center">
      <Empty
        icon={<Compass />}
        title={t('notFound.title')}
        action={
          <Button asChild>
            <Link to="/">{t('notFound.home')}</Link>
          </Button>
        }
      >
        {t('notFound.text')}
      </Empty>
    </div>
  )
}
