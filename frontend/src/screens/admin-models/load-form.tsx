import { useState } from 'react'
import type { LoadWish } from '../../api/lifecycle'
import type { ListedModel } from '../../api/models'
import type { Provider } from '../../api/providers'
import { useTranslation } from '../../i18n/use-translation'
import { Button } from '../../ui/button'
import { Dialog } from '../../ui/dialog'
import { LoadOptions } from './load-options'

interface LoadFormProps {
  model: ListedModel
  provider: Provider
  onLoad: (model: string, wish: LoadWish) => void
  onClose: () => void
}

export function LoadForm({ model, provider, onLoad, onClose }: LoadFormProps) {
  const { t } = useTranslation('lifecycle')
  const [wish, setWish] = useState<LoadWish>({ exclusive: false })
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={t('form.title', { model: model.name })}
      actions={
        <>
          <Button onClick={onClose}>{t('form.cancel')}</Button>
          <Button look="primary" type="submit" form="load-form">
            {t('form.load')}
          </Button>
        </>
      }
    >
      <form
        id="load-form"
        onSubmit={(event) => {
          event.preventDefault()
          onLoad(model.id, wish)
          onClose()
        }}
      >
        <LoadOptions
          provider={provider}
          model={model}
          wish={wish}
          onChange={setWish}
          exclusiveHint={t('form.exclusiveHint', { provider: provider.name })}
        />
      </form>
    </Dialog>
  )
}
