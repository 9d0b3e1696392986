import type { ListedModel } from '../../api/models'
import { useTranslation } from '../../i18n/use-translation'
import { Button } from '../../ui/button'
import { percent } from '../lifecycle/operation-line'
import { useLifecycle } from '../lifecycle/use-lifecycle'

/** Loads the model before it is needed, or frees its memory; absent where that can't be done or not by this person. */
export function LoadButton({ model }: { model: ListedModel }) {
  return model.state === 'remote' ? null : <LocalLoadButton model={model} />
}

function LocalLoadButton({ model }: { model: ListedModel }) {
  const { t, i18n } = useTranslation('lifecycle')
  const lifecycle = useLifecycle()
  const operation = lifecycle.running(model.id)
  const isLoaded = model.state === 'loaded'
  if (!lifecycle.can(isLoaded ? 'unload' : 'load', model.provider)) return null
  const fraction = operation?.progress.fraction
  return (
    <Button
      size="small"
      busy={operation !== undefined || model.state === 'loading'}
      aria-label={t(isLoaded ? 'unloadNamed' : 'loadNamed', { model: model.name })}
      onClick={() => (isLoaded ? lifecycle.unload(model.id) : lifecycle.load(model.id))}
    >
      {fraction != null ? percent(fraction, i18n.language) : t(isLoaded ? 'unload' : 'load')}
    </Button>
  )
}
