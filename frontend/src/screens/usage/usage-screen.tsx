import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { ChartColumn, Download } from 'lucide-react'
import { lazy, Suspense, useEffect, useState } from 'react'
import { isAdmin, useMe } from '../../api/session'
import { downloadUsage, type Period, usageQueries } from '../../api/usage'
import type { UsageSearch } from '../../api/usage-search'
import { useTranslation } from '../../i18n/use-translation'
import { Button } from '../../ui/button'
import { Empty } from '../../ui/empty'
import { Failure } from '../../ui/failure'
import { Page } from '../../ui/page'
import { Skeleton } from '../../ui/skeleton'
import { useToast } from '../../ui/toast'
import { Breakdown } from './breakdown'
import { FourFigures } from './four-figures'
import { chosenPeriod } from './period'
import { PeriodPicker } from './period-picker'
import { RequestList } from './request-list'

const UsageChart = lazy(() => import('./usage-chart').then((module) => ({ default: module.UsageChart })))
const FRESH_MS = 60_000

export function UsageScreen() {
  const { t } = useTranslation('usage')
  const me = useMe()
  const search = useSearch({ from: '/app/usage' })
  const navigate = useNavigate()
  const period = chosenPeriod(search, useMinute())
  const summary = useQuery(usageQueries.summary(period))
  const choose = (next: UsageSearch) => void navigate({ to: '/usage', search: next, replace: true })
  return (
    <Page
      title={t('title')}
      description={isAdmin(me) ? t('everybody') : t('own')}
      actions={
        <>
          <PeriodPicker search={search} onChange={choose} />
          <ExportButton period={period} />
        </>
      }
    >
      {summary.isError && <Failure title={t('failed')} error={summary.error} onRetry={() => void summary.refetch()} />}
      <FourFigures period={period} />
      {summary.data?.attempts === 0 ? (
        <Empty icon={<ChartColumn />} title={t('empty.title')}>
          {t('empty.text')}
        </Empty>
      ) : (
        <>
          <Suspense fallback={<Skeleton className="h-96" />}>
            <UsageChart period={period} search={search} onChange={choose} />
          </Suspense>
          <Breakdown period={period} group={search.group ?? 'provider'} />
          <RequestList period={period} />
        </>
      )}
    </Page>
  )
}

/** Now, anew each minute: figures of a period that goes on follow it. */
function useMinute(): Date {
  const [now, setNow] = useState(() => new Date())
  useEffect(() => {
    const timer = setInterval(() => setNow(new Date()), FRESH_MS)
    return () => clearInterval(timer)
  }, [])
  return now
}

function ExportButton({ period }: { period: Period }) {
  const { t } = useTranslation('usage')
  const show = useToast()
  const [isBusy, setIsBusy] = useState(false)
  const download = async () => {
    setIsBusy(true)
    try {
      await downloadUsage(period)
    } catch (error) {
      show({ tone: 'bad', text: error instanceof Error ? error.message : String(error) })
    }
    setIsBusy(false)
  }
  return (
    <Button busy={isBusy} onClick={() => void download()}>
      <Download aria-hidden="true" className="size-4" />
      {t('csv')}
    </Button>
  )
}
