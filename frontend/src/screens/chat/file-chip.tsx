import { useQuery } from '@tanstack/react-query'
import { FileText } from 'lucide-react'
import { useState } from 'react'
import { attachmentQueries } from '../../api/attachments'
import type { Attachment } from '../../api/conversation-types'
import { useTranslation } from '../../i18n/use-translation'
import { fileSize, wholeNumber } from '../../lib/format'
import { CopyButton } from '../../ui/copy-button'
import { Dialog } from '../../ui/dialog'
import { Failure } from '../../ui/failure'
import { SkeletonRows } from '../../ui/skeleton'

/** A file's name and size; opens the text that the model was sent of it. */
export function FileChip({ file }: { file: Attachment }) {
  const [open, setOpen] = useState(false)
  const facts = useFacts(file)
  return (
    <>
      <button
        type="button"
        onClick={() => setOpen(true)}
        className="target flex max-w-72 items-center gap-2 rounded-card border border-line bg-surface-1 px-3 py-1.5 text-left hover:bg-surface-2"
      >
        <FileText aria-hidden="true" className="size-4 shrink-0 text-muted" />
        <span className="grid min-w-0">
          <span className="truncate font-medium text-13">{file.name}</span>
          <span className="truncate text-12 text-muted">{facts}</span>
        </span>
      </button>
      {open && <SentText file={file} facts={facts} onClose={() => setOpen(false)} />}
    </>
  )
}

function useFacts(file: Attachment): string {
  const { t, i18n } = useTranslation('chat')
  const size = fileSize(file.size_bytes, i18n.language)
  return file.pages === null ? size : `${size} · ${t('file.pages', { count: file.pages })}`
}

/** More than this is not drawn; copying takes all of it. */
const SHOWN_CHARACTERS = 60_000

function SentText({ file, facts, onClose }: { file: Attachment; facts: string; onClose: () => void }) {
  const { t, i18n } = useTranslation('chat')
  const query = useQuery(attachmentQueries.text(file.id))
  const characters = wholeNumber(file.text_chars ?? 0, i18n.language)
  return (
    <Dialog
      open
      onOpenChange={onClose}
      size="large"
      title={file.name}
      description={`${facts} · ${t('file.sentText', { characters })}`}
      actions={query.isSuccess && <CopyButton look="text" size="normal" text={query.data} label={t('file.copy')} />}
    >
      {query.isPending && <SkeletonRows label={t('file.loading')} />}
      {query.isError && <Failure title={t('file.failed')} error={query.error} onRetry={() => void query.refetch()} />}
      {query.isSuccess && (
        <pre className="wrap-anywhere whitespace-pre-wrap text-13">
          {query.data.slice(0, SHOWN_CHARACTERS)}
          {query.data.length > SHOWN_CHARACTERS && `\n${t('file.cut')}`}
        </pre>
      )}
    </Dialog>
  )
}
