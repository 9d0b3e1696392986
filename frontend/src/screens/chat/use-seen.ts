import { useCatalog } from '../../parts/model-picker/use-catalog'

/** Whether a model is known not to see pictures; where nobody says, it may be tried. */
export function useSeen(model: string | null): { isBlind: boolean; modelName: string } {
  const { catalog } = useCatalog()
  const entry = model === null ? catalog?.fallback : catalog?.byId.get(model)
  return {
    isBlind: entry?.model.reads_images === false,
    modelName: entry?.name ?? model ?? '',
  }
}
