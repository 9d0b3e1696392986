import { useState } from 'react'
import type { Settings } from '../../api/settings'
import { useTranslation } from '../../i18n/use-translation'
import { Button } from '../../ui/button'
import { Field } from '../../ui/field'
import { Input } from '../../ui/input'
import { Section } from '../../ui/page'
import { useSetting } from './use-setting'

const MOST = 1_000_000

export function Limits({ settings }: { settings: Settings }) {
  const { t } = useTranslation('adminSettings')
  const { save, isBusy } = useSetting()
  const before = settings.default_requests_per_minute
  const [text, setText] = useState(before?.toString() ?? '')
  // What was undone, or changed elsewhere, is what the field shows.
  const [seen, setSeen] = useState(before)
  if (seen !== before) {
    setSeen(before)
    setText(before?.toString() ?? '')
  }
  const next = text === '' ? null : Number(text)
  const isChanged = next !== before
  return (
    <Section title={t('limits.title')} description={t('limits.text')}>
      <form
        className="flex flex-wrap items-end gap-2"
        onSubmit={(event) => {
          event.preventDefault()
          save({ default_requests_per_minute: next }, { default_requests_per_minute: before })
        }}
      >
        <Field label={t('limits.perMinute')} hint={t('limits.hint')}>
          {(control) => (
            <Input
              {...control}
              type="number"
              inputMode="numeric"
              min={1}
              max={MOST}
              className="max-w-48"
              value={text}
              onChange={(event) => setText(event.target.value)}
            />
          )}
        </Field>
        {isChanged && (
          <Button type="submit" look="primary" busy={isBusy}>
            {t('save')}
          </Button>
        )}
      </form>
    </Section>
  )
}
