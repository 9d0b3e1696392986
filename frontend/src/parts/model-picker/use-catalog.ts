import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { modelQueries } from '../../api/models'
import { catalogOf, type LoadingTimes, loadingTimes, nextLookMs } from './catalog'

const QUIET_MS = 60_000
const WATCHED_MS = 15_000

/** No list says since when a model loads: it is what this page has seen. */
let loading: LoadingTimes = new Map()

/** What there is to choose from, as it was known last. While `isWatched` it is asked for at once and often. */
export function useCatalog({ isWatched = false } = {}) {
  const { data, dataUpdatedAt, error, refetch } = useQuery({
    ...modelQueries.list(),
    refetchOnMount: isWatched ? 'always' : true,
    refetchInterval: ({ state }) =>
      state.data === undefined ? false : nextLookMs(state.data, isWatched ? WATCHED_MS : QUIET_MS),
  })
  const catalog = useMemo(() => {
    if (data === undefined) return null
    loading = loadingTimes(loading, data, dataUpdatedAt)
    return catalogOf(data, dataUpdatedAt, loading)
  }, [data, dataUpdatedAt])
  return { catalog, error, retry: () => void refetch() }
}
