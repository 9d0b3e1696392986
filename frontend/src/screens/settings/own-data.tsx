import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Download, Upload } from 'lucide-react'
import { useRef } from 'react'
import { conversationQueries } from '../../api/conversations'
import { downloadAllConversations } from '../../api/exports'
import { importConversations } from '../../api/imports'
import { useTranslation } from '../../i18n/use-translation'
import { Button } from '../../ui/button'
import { Section } from '../../ui/page'

/** Everything out, and conversations from elsewhere in. */
export function OwnData() {
  const { t } = useTranslation('settings')
  const queries = useQueryClient()
  const picker = useRef<HTMLInputElement>(null)
  const give = useMutation({ mutationFn: downloadAllConversations })
  const take = useMutation({
    mutationFn: importConversations,
    onSuccess: () => void queries.invalidateQueries({ queryKey: conversationQueries.all() }),
  })
  const error = give.error ?? take.error
  /** What came of the last act stands there until the next one, whichever it is. */
  const forget = () => {
    give.reset()
    take.reset()
  }
  return (
    <Section title={t('data.title')} description={t('data.text')}>
      <div className="flex flex-wrap gap-2">
        <Button
          busy={give.isPending}
          onClick={() => {
            forget()
            give.mutate()
          }}
        >
          <Download aria-hidden="true" className="size-4" />
          {t('data.export')}
        </Button>
        <Button busy={take.isPending} onClick={() => picker.current?.click()}>
          <Upload aria-hidden="true" className="size-4" />
          {t('data.import')}
        </Button>
        <input
          ref={picker}
          type="file"
          accept=".json,.zip,application/json,application/zip"
          className="sr-only"
          tabIndex={-1}
          aria-label={t('data.file')}
          onChange={(event) => {
            const file = event.target.files?.[0]
            if (file) {
              forget()
              take.mutate(file)
            }
            event.target.value = ''
          }}
        />
      </div>
      <div role="status" className="grid gap-2 empty:hidden">
        {take.data && <p>{t('data.imported', { count: take.data.imported })}</p>}
        {take.data && take.data.skipped.length > 0 && (
          <details className="text-13">
            <summary>{t('data.skipped', { count: take.data.skipped.length })}</summary>
            <ul className="grid gap-1 pt-2 text-muted">
              {take.data.skipped.map((one, place) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: a list that never changes, of titles that may be alike
                <li key={place}>
                  {one.title}: {one.problem}
                </li>
              ))}
            </ul>
          </details>
        )}
      </div>
      {error && (
        <p role="alert" className="text-bad">
          {error.message}
        </p>
      )}
    </Section>
  )
}
