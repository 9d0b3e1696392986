import type { Preset, Provider } from '../../api/providers'
import { isAdmin, useMe } from '../../api/session'
import { useTranslation } from '../../i18n/use-translation'
import { cn } from '../../lib/cn'
import { CABLES, cableBackground } from '../../ui/cable'
import { Checkbox } from '../../ui/checkbox'
import { Field } from '../../ui/field'
import { Input } from '../../ui/input'
import { Section } from '../../ui/page'
import { type FormState, losesKey } from './form-state'
import { KeyField } from './key-field'

export interface FieldsProps {
  state: FormState
  set: (changes: Partial<FormState>) => void
  /** What the gateway said about a field. */
  problem: (field: string) => string | undefined
  stored: Provider | undefined
}

interface ConnectionFieldsProps extends FieldsProps {
  start: FormState
  preset: Preset | undefined
}

export function ConnectionFields({ state, set, problem, stored, start, preset }: ConnectionFieldsProps) {
  const { t } = useTranslation('providers')
  const me = useMe()
  return (
    <Section title={t('connection')} description={preset?.help}>
      <Field label={t('field.name')} error={problem('name')}>
        {(control) => (
          <Input
            {...control}
            required
            maxLength={200}
            value={state.name}
            onChange={(event) => set({ name: event.target.value })}
          />
        )}
      </Field>
      {state.kind !== 'local_gguf' && (
        <>
          <Field label={t('field.address')} hint={t('field.addressHint')} error={problem('base_url')}>
            {(control) => (
              <Input
                {...control}
                type="url"
                inputMode="url"
                spellCheck={false}
                className="font-mono text-13"
                placeholder="http://localhost:1234/v1"
                value={state.baseUrl}
                onChange={(event) => set({ baseUrl: event.target.value })}
              />
            )}
          </Field>
          <KeyField
            state={state}
            set={set}
            problem={problem}
            stored={stored}
            isLost={stored?.has_api_key === true && losesKey(start, state)}
            isNeeded={preset?.needs_key === true}
          />
        </>
      )}
      <CableChoice chosen={state.cable} onChange={(cable) => set({ cable })} />
      {isAdmin(me) && !stored && (
        <Checkbox
          label={t('field.personal')}
          hint={t('field.personalHint')}
          checked={state.personal}
          onChange={(personal) => set({ personal })}
        />
      )}
    </Section>
  )
}

function CableChoice({ chosen, onChange }: { chosen: number | null; onChange: (cable: number) => void }) {
  const { t } = useTranslation('providers')
  return (
    <fieldset className="grid gap-1.5">
      <legend className="pb-1.5 font-medium">{t('field.cable')}</legend>
      <div className="flex flex-wrap gap-1">
        {CABLES.map((cable) => (
          <button
            key={cable}
            type="button"
            aria-pressed={chosen === cable}
            aria-label={t(`cables.${cable}`)}
            title={t(`cables.${cable}`)}
            onClick={() => onChange(cable)}
            className={cn('target-square grid place-items-center rounded-full', chosen === cable && 'bg-surface-3')}
          >
            <span
              className={cn(
                'size-5 rounded-full',
                cableBackground(cable),
                chosen === cable && 'ring-2 ring-text ring-offset-2 ring-offset-surface-1',
              )}
            />
          </button>
        ))}
      </div>
      <p className="text-13 text-muted">{chosen === null ? t('field.cableAuto') : t('field.cableHint')}</p>
    </fieldset>
  )
}
