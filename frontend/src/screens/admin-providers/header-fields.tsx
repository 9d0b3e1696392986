import { Plus, X } from 'lucide-react'
import { useTranslation } from '../../i18n/use-translation'
import { Button } from '../../ui/button'
import { IconButton } from '../../ui/icon-button'
import { Input } from '../../ui/input'
import type { FormState } from './form-state'

interface HeaderFieldsProps {
  headers: FormState['headers']
  onChange: (headers: FormState['headers']) => void
  error: string | undefined
}

/** Names are shown, stored values never: an empty value keeps the stored one. */
export function HeaderFields({ headers, onChange, error }: HeaderFieldsProps) {
  const { t } = useTranslation('providers')
  const change = (place: number, changes: Partial<FormState['headers'][number]>) =>
    onChange(headers.map((header, index) => (index === place ? { ...header, ...changes } : header)))
  return (
    <fieldset className="grid gap-2">
      <legend className="pb-1.5 font-medium">{t('field.headers')}</legend>
      {headers.map((header, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: names are being typed, so only the place stays
        <div key={place} className="flex gap-2">
          <Input
            aria-label={t('field.headerName')}
            placeholder="X-Team"
            readOnly={header.isStored}
            value={header.name}
            onChange={(event) => change(place, { name: event.target.value })}
          />
          <Input
            aria-label={t('field.headerValue')}
            placeholder={header.isStored ? t('field.headerKept') : ''}
            autoComplete="off"
            value={header.value}
            onChange={(event) => change(place, { value: event.target.value })}
          />
          <IconButton
            label={t('field.headerRemove', { name: header.name })}
            onClick={() => onChange(headers.filter((_, index) => index !== place))}
          >
            <X className="size-4" />
          </IconButton>
        </div>
      ))}
      <Button
        size="small"
        className="justify-self-start"
        onClick={() => onChange([...headers, { name: '', value: '', isStored: false }])}
      >
        <Plus aria-hidden="true" className="size-3.5" />
        {t('field.headerAdd')}
      </Button>
      <p className={error ? 'text-13 text-bad' : 'text-13 text-muted'}>{error ?? t('field.headersHint')}</p>
    </fieldset>
  )
}
