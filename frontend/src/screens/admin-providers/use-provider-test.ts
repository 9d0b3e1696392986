import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type ProviderChanges, providerQueries, testProvider } from '../../api/providers'

/** Tries a stored provider; what is known of it afterwards is shown everywhere. */
export function useProviderTest(slug: string) {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (changes: ProviderChanges) => testProvider(slug, changes),
    onSettled: () => void queries.invalidateQueries({ queryKey: providerQueries.all() }),
  })
}
