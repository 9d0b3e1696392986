import { useMutation } from '@tanstack/react-query'
import { Download } from 'lucide-react'
import { useState } from 'react'
import { downloadModel } from '../../api/lifecycle'
import { useTranslation } from '../../i18n/use-translation'
import type { Lifecycle } from '../../parts/lifecycle/use-lifecycle'
import { Button } from '../../ui/button'
import { Dialog } from '../../ui/dialog'
import { Field } from '../../ui/field'
import { Input } from '../../ui/input'
import { Select } from '../../ui/select'
import { useToast } from '../../ui/toast'

/** Fetches a model to a provider that can; absent where none can. */
export function DownloadButton({ lifecycle }: { lifecycle: Lifecycle }) {
  const { t } = useTranslation('lifecycle')
  const show = useToast()
  const targets = lifecycle.providers?.filter((one) => one.enabled && lifecycle.can('download', one.slug)) ?? []
  const [isOpen, setOpen] = useState(false)
  const [chosen, setChosen] = useState<string | null>(null)
  const [model, setModel] = useState('')
  const [quantization, setQuantization] = useState('')
  const target = targets.find((one) => one.slug === chosen) ?? targets[0]
  const provider = target?.slug
  const start = useMutation({
    mutationFn: (slug: string) => downloadModel(slug, model.trim(), quantization.trim()),
    onSuccess: () => {
      setOpen(false)
      setModel('')
      setQuantization('')
      show({ text: t('download.started') })
    },
    onSettled: lifecycle.look,
  })
  const open = () => {
    start.reset()
    setOpen(true)
  }
  if (provider === undefined) return null
  return (
    <>
      <Button onClick={open}>
        <Download aria-hidden="true" className="size-4" />
        {t('download.open')}
      </Button>
      <Dialog
        open={isOpen}
        onOpenChange={setOpen}
        title={t('download.title')}
        actions={
          <>
            <Button onClick={() => setOpen(false)}>{t('form.cancel')}</Button>
            <Button look="primary" type="submit" form="download-form" busy={start.isPending}>
              {t('download.start')}
            </Button>
          </>
        }
      >
        <form
          id="download-form"
          className="grid gap-4"
          onSubmit={(event) => {
            event.preventDefault()
            start.mutate(provider)
          }}
        >
          <Field label={t('download.provider')}>
            {(control) => (
              <Select
                {...control}
                value={provider}
                options={targets.map(({ slug, name }) => ({ value: slug, label: name }))}
                onChange={(slug) => {
                  setChosen(slug)
                  start.reset()
                }}
              />
            )}
          </Field>
          <Field
            label={t('download.model')}
            hint={t(`download.hint.${hintFor(target?.provider)}`)}
            error={start.error?.message}
          >
            {(control) => (
              <Input
                {...control}
                required
                spellCheck={false}
                value={model}
                onChange={(event) => setModel(event.target.value)}
              />
            )}
          </Field>
          <Field label={t('download.quantization')} hint={t('download.quantizationHint')}>
            {(control) => (
              <Input
                {...control}
                spellCheck={false}
                value={quantization}
                onChange={(event) => setQuantization(event.target.value)}
              />
            )}
          </Field>
        </form>
      </Dialog>
    </>
  )
}

const HINTS = ['local_gguf', 'lmstudio', 'ollama', 'llamacpp'] as const

/** How its catalogue names models. */
function hintFor(kind: string | undefined): (typeof HINTS)[number] | 'other' {
  return HINTS.find((one) => one === kind) ?? 'other'
}
