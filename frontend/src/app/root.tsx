import { useQueryClient } from '@tanstack/react-query'
import { Outlet, useNavigate, useRouter } from '@tanstack/react-router'
import { Suspense, useEffect } from 'react'
import { sessionQueries } from '../api/session'
import { useTranslation } from '../i18n/use-translation'
import { useIsSlow } from '../ui/skeleton'
import { Spinner } from '../ui/spinner'

export function Root() {
  useLeavingWhenSignedOut()
  return (
    <Suspense fallback={<Waiting />}>
      <Outlet />
    </Suspense>
  )
}

/** A session that was ended elsewhere leads to the sign-in page, which leads back here. */
function useLeavingWhenSignedOut(): void {
  const queries = useQueryClient()
  const router = useRouter()
  const navigate = useNavigate()
  useEffect(
    () =>
      queries.getQueryCache().subscribe(({ query }) => {
        if (query.queryKey[0] !== sessionQueries.all()[0] || query.state.data !== null) return
        const { pathname, href } = router.state.location
        if (pathname !== '/sign-in') void navigate({ to: '/sign-in', search: { next: href } })
      }),
    [queries, router, navigate],
  )
}

function Waiting() {
  const { t } = useTranslation('common')
  const isSlow = useIsSlow()
  if (!isSlow) return null
  return (
    <div role="status" aria-label={t('loading')} className="grid h-full place-items-center text-muted">
      <Spinner className="size-6" />
    </div>
  )
}
