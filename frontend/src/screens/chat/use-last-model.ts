import { remembered, useRemembered } from '../../lib/storage'
import { useCatalog } from '../../parts/model-picker/use-catalog'

const place = remembered('last-model', '', (value): value is string => typeof value === 'string')

/** The model chosen last in this browser, for new chats; null (the default one) when there is none or it is gone. */
export function useLastModel(): [string | null, (model: string) => void] {
  const [last, setLast] = useRemembered(place)
  const { catalog } = useCatalog()
  const isGone = catalog !== null && !catalog.byId.has(last)
  return [last === '' || isGone ? null : last, setLast]
}
