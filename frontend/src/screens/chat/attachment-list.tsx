import { FileText, TriangleAlert, X } from 'lucide-react'
import { useTranslation } from '../../i18n/use-translation'
import { cn } from '../../lib/cn'
import { fileSize } from '../../lib/format'
import { IconButton } from '../../ui/icon-button'
import { Spinner } from '../../ui/spinner'
import type { Attaching, AttachProblem } from './use-attachments'
import { usePicture } from './use-picture'

interface AttachmentListProps {
  list: readonly Attaching[]
  onRemove: (one: Attaching) => void
}

/** What goes along with the next question; everything can be taken out again. */
export function AttachmentList({ list, onRemove }: AttachmentListProps) {
  const { t } = useTranslation('chat')
  if (list.length === 0) return null
  return (
    <ul aria-label={t('attach.list')} className="flex max-h-44 flex-wrap gap-2 overflow-y-auto px-3 pt-3">
      {list.map((one) => (
        <li
          key={one.key}
          className={cn(
            'flex max-w-full items-center gap-2 rounded-control border border-line bg-surface-2 py-1 pr-1 pl-2',
            one.problem !== null && 'border-bad',
          )}
        >
          <Sign one={one} />
          <span className="grid min-w-0">
            <span className="max-w-48 truncate text-13">{one.name}</span>
            <State one={one} />
          </span>
          <IconButton size="small" label={t('attach.remove', { name: one.name })} onClick={() => onRemove(one)}>
            <X className="size-3.5" />
          </IconButton>
        </li>
      ))}
    </ul>
  )
}

function Sign({ one }: { one: Attaching }) {
  if (one.problem !== null) return <TriangleAlert aria-hidden="true" className="size-5 shrink-0 text-bad" />
  if (one.attachment === null) return <Spinner className="size-5 shrink-0 text-muted" />
  if (one.kind === 'file') return <FileText aria-hidden="true" className="size-5 shrink-0 text-muted" />
  return <Preview id={one.attachment.id} />
}

function Preview({ id }: { id: string }) {
  const { url } = usePicture(id)
  return (
    <span className="block size-9 shrink-0 overflow-hidden rounded-control bg-surface-3">
      {url !== null && <img src={url} alt="" className="size-full object-cover" />}
    </span>
  )
}

function State({ one }: { one: Attaching }) {
  const { t, i18n } = useTranslation('chat')
  const words = useProblemWords(one.problem)
  if (words !== null) return <span className="max-w-72 text-12 text-bad">{words}</span>
  const percent = new Intl.NumberFormat(i18n.language, { style: 'percent' }).format(one.progress)
  return (
    <span className="text-12 text-muted tabular-nums">
      {one.attachment === null ? t('attach.sending', { percent }) : fileSize(one.attachment.size_bytes, i18n.language)}
    </span>
  )
}

function useProblemWords(problem: AttachProblem | null): string | null {
  const { t } = useTranslation('chat')
  switch (problem) {
    case null:
      return null
    case 'tooLarge':
      return t('attach.tooLarge')
    case 'unreadable':
      return t('attach.unreadable')
    case 'unreadableImage':
      return t('attach.unreadableImage')
    case 'tooMany':
      return t('attach.tooMany')
    case 'unreachable':
      return t('attach.unreachable')
    default:
      return problem.said
  }
}
