import { Pencil, Trash2 } from 'lucide-react'
import { memo, useState } from 'react'
import type { Message } from '../../api/conversation-types'
import { useTranslation } from '../../i18n/use-translation'
import { cn } from '../../lib/cn'
import { Button } from '../../ui/button'
import { CopyButton } from '../../ui/copy-button'
import { IconButton } from '../../ui/icon-button'
import { BranchPicker } from './branch-picker'
import { FileChip } from './file-chip'
import type { MessageActs } from './message-acts'
import { isPending } from './pending-question'
import { Pictures } from './pictures'
import { QuestionEditor } from './question-editor'

interface QuestionProps {
  message: Message
  isEditing: boolean
  number: number
  count: number
  acts: MessageActs
}

const LONG_CHARACTERS = 1600
const LONG_LINES = 16

/** What a person said, at the right on a soft surface. */
export const Question = memo(function Question({ message, isEditing, number, count, acts }: QuestionProps) {
  const { t } = useTranslation('chat')
  if (isEditing) return <QuestionEditor message={message} acts={acts} />
  return (
    <div className="group flex flex-col items-end gap-2 pt-6">
      <Pictures pictures={message.images} />
      {message.files.length > 0 && (
        <div className="flex flex-wrap justify-end gap-2">
          {message.files.map((file) => (
            <FileChip key={file.id} file={file} />
          ))}
        </div>
      )}
      {message.content !== '' && <QuestionText text={message.content} />}
      <div
        className={cn(
          '-mt-1 flex min-h-7 items-center pointer-coarse:min-h-11',
          'opacity-0 transition-opacity duration-100 focus-within:opacity-100 group-hover:opacity-100 pointer-coarse:opacity-100',
          isPending(message) && 'invisible',
        )}
      >
        <CopyButton text={message.content} label={t('question.copy')} />
        <IconButton size="small" label={t('question.edit')} onClick={() => acts.setEditing(message)}>
          <Pencil className="size-4" />
        </IconButton>
        <IconButton size="small" label={t('question.delete')} onClick={() => acts.remove(message)}>
          <Trash2 className="size-4" />
        </IconButton>
        <BranchPicker number={number} count={count} onStep={(step) => acts.switchBranch(message, step)} />
      </div>
    </div>
  )
})

function QuestionText({ text }: { text: string }) {
  const { t } = useTranslation('chat')
  const [open, setOpen] = useState(false)
  const isLong = text.length > LONG_CHARACTERS || text.split('\n', LONG_LINES + 1).length > LONG_LINES
  return (
    <div className="max-w-[85%] rounded-card bg-surface-2 px-4 py-2.5">
      <div
        className={cn(
          'wrap-anywhere whitespace-pre-wrap text-16 leading-6.5',
          isLong && !open && 'max-h-78 overflow-hidden mask-b-from-80%',
        )}
      >
        {text}
      </div>
      {isLong && (
        <Button size="small" look="ghost" className="-ml-2 mt-1 text-muted" onClick={() => setOpen(!open)}>
          {open ? t('question.less') : t('question.all')}
        </Button>
      )}
    </div>
  )
}
