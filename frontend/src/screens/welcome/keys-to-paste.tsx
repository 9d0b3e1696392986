import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { modelQueries } from '../../api/models'
import { createProvider, type LadderReport, type Preset, providerQueries, testDraft } from '../../api/providers'
import { useTranslation } from '../../i18n/use-translation'
import { Ladder } from '../../parts/ladder/ladder'
import { Button } from '../../ui/button'
import { Field } from '../../ui/field'
import { PasswordInput } from '../../ui/password-input'
import { Segmented } from '../../ui/segmented'
import { useToast } from '../../ui/toast'

/** A key of OpenAI, Groq, OpenRouter: tested first, added when it works. */
export function KeysToPaste({ onAdded }: { onAdded: () => void }) {
  const { t } = useTranslation('welcome')
  const { data: presets = [] } = useQuery(providerQueries.presets())
  const withKey = presets.filter((preset) => preset.needs_key && preset.base_url)
  const [chosenId, setChosenId] = useState<string>()
  const chosen = withKey.find((preset) => preset.id === chosenId) ?? withKey[0]
  if (!chosen) return null
  return (
    <section aria-label={t('keys.title')} className="grid gap-3">
      <h3 className="font-medium">{t('keys.title')}</h3>
      <div>
        <Segmented
          label={t('keys.which')}
          value={chosen.id}
          onChange={setChosenId}
          options={withKey.map((preset) => ({ value: preset.id, label: preset.label }))}
        />
      </div>
      <KeyForm key={chosen.id} preset={chosen} onAdded={onAdded} />
    </section>
  )
}

function KeyForm({ preset, onAdded }: { preset: Preset; onAdded: () => void }) {
  const { t } = useTranslation('welcome')
  const show = useToast()
  const queries = useQueryClient()
  const [key, setKey] = useState('')
  const [report, setReport] = useState<LadderReport>()
  const attempt = useMutation({
    mutationFn: async () => {
      const draft = {
        provider: preset.provider,
        name: preset.label,
        preset: preset.id,
        base_url: preset.base_url,
        api_key: key,
      }
      const found = await testDraft(draft)
      setReport(found)
      return found.ok ? createProvider(draft) : null
    },
    onSuccess: (provider) => {
      if (provider === null) return
      setKey('')
      onAdded()
      show({ text: t('keys.added', { name: provider.name }) })
      void queries.invalidateQueries({ queryKey: providerQueries.all() })
      void queries.invalidateQueries({ queryKey: modelQueries.all() })
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setReport(undefined)
    attempt.mutate()
  }
  return (
    <form onSubmit={submit} className="grid gap-3">
      <Field label={t('keys.key', { name: preset.label })} hint={t('keys.hint')} error={attempt.error?.message}>
        {(control) => (
          <PasswordInput
            {...control}
            autoComplete="off"
            required
            value={key}
            onChange={(event) => setKey(event.target.value.trim())}
          />
        )}
      </Field>
      <Ladder report={report} busy={attempt.isPending} />
      <Button type="submit" className="justify-self-start" disabled={key === ''} busy={attempt.isPending}>
        {t('keys.add')}
      </Button>
    </form>
  )
}
