import { ChevronRight } from 'lucide-react'
import { useTranslation } from '../../i18n/use-translation'
import { Field } from '../../ui/field'
import { Input, Textarea } from '../../ui/input'
import type { FieldsProps } from './connection-fields'
import { HeaderFields } from './header-fields'

const TIMES = [
  ['connectS', 'connection_timeout'],
  ['firstTokenS', 'first_token_timeout'],
  ['idleS', 'idle_timeout'],
  ['totalS', 'request_timeout'],
] as const

/** What most connections never need; open when something in it was refused. */
export function AdvancedFields({ state, set, problem }: FieldsProps) {
  const { t } = useTranslation('providers')
  const refused = ['proxy_url', 'ca_pem', 'max_concurrency', 'extra_headers', ...TIMES.map(([, field]) => field)]
  return (
    <details
      className="group rounded-card border border-line bg-surface-1"
      {...(refused.some((field) => problem(field)) && { open: true })}
    >
      <summary className="flex items-center gap-2 rounded-card px-5 py-4 font-semibold text-16">
        <ChevronRight aria-hidden="true" className="size-4 text-muted group-open:rotate-90" />
        {t('advanced')}
      </summary>
      <div className="grid gap-5 px-5 pb-5">
        <div className="grid gap-4 sm:grid-cols-2">
          {TIMES.map(([name, field]) => (
            <Field key={name} label={t(`field.${name}`)} hint={t(`field.${name}Hint`)} error={problem(field)}>
              {(control) => (
                <Input
                  {...control}
                  type="number"
                  min={0.001}
                  max={3600}
                  step="any"
                  value={state[name]}
                  placeholder={t('field.usual')}
                  onChange={(event) => set({ [name]: event.target.value })}
                />
              )}
            </Field>
          ))}
          <Field label={t('field.concurrency')} hint={t('field.concurrencyHint')} error={problem('max_concurrency')}>
            {(control) => (
              <Input
                {...control}
                type="number"
                min={1}
                max={10_000}
                value={state.maxConcurrency}
                onChange={(event) => set({ maxConcurrency: event.target.value })}
              />
            )}
          </Field>
        </div>
        <HeaderFields
          headers={state.headers}
          onChange={(headers) => set({ headers })}
          error={problem('extra_headers')}
        />
        <Field label={t('field.proxy')} hint={t('field.proxyHint')} error={problem('proxy_url')}>
          {(control) => (
            <Input
              {...control}
              spellCheck={false}
              placeholder="http://proxy.example:3128"
              value={state.proxyUrl}
              onChange={(event) => set({ proxyUrl: event.target.value })}
            />
          )}
        </Field>
        <Field label={t('field.ca')} hint={t('field.caHint')} error={problem('ca_pem')}>
          {(control) => (
            <Textarea
              {...control}
              spellCheck={false}
              className="font-mono text-12"
              placeholder="-----BEGIN CERTIFICATE-----"
              value={state.caPem}
              onChange={(event) => set({ caPem: event.target.value })}
            />
          )}
        </Field>
      </div>
    </details>
  )
}
