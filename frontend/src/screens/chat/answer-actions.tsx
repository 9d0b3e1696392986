import { ChevronDown, Ellipsis, FileText, Info, RefreshCw, ThumbsDown, ThumbsUp, Trash2 } from 'lucide-react'
import { useRef } from 'react'
import type { Message } from '../../api/conversation-types'
import { useTranslation } from '../../i18n/use-translation'
import { cn } from '../../lib/cn'
import { ModelPicker } from '../../parts/model-picker/model-picker'
import { CopyButton, copyText } from '../../ui/copy-button'
import { IconButton } from '../../ui/icon-button'
import { Menu, MenuItem, MenuLine } from '../../ui/menu'
import type { MessageActs } from './message-acts'
import { plainTextOf } from './plain-text-of'

export function AnswerActions({ message, acts }: { message: Message; acts: MessageActs }) {
  const { t } = useTranslation('chat')
  const row = useRef<HTMLDivElement>(null)
  return (
    <div ref={row} className="-mr-1.5 ml-auto flex items-center">
      {message.content !== '' && <CopyButton text={message.content} label={t('answer.copy')} />}
      <IconButton size="small" label={t('answer.regenerate')} onClick={() => acts.regenerate(message)}>
        <RefreshCw className="size-4" />
      </IconButton>
      <ModelPicker
        value={message.model_asked}
        onChange={(model) => acts.regenerate(message, model)}
        align="end"
        trigger={
          <IconButton size="small" label={t('answer.regenerateWith')} className="-ml-1 w-5">
            <ChevronDown className="size-3.5" />
          </IconButton>
        }
      />
      <Thumb message={message} feedback="up" acts={acts} />
      <Thumb message={message} feedback="down" acts={acts} />
      <Menu
        trigger={
          <IconButton size="small" label={t('answer.more')}>
            <Ellipsis className="size-4" />
          </IconButton>
        }
      >
        <MenuItem icon={<FileText />} onSelect={() => void copyText(plainTextOf(row.current, message.content))}>
          {t('answer.copyPlain')}
        </MenuItem>
        <MenuItem icon={<Info />} onSelect={() => acts.openDetails(message)}>
          {t('answer.details')}
        </MenuItem>
        <MenuLine />
        <MenuItem icon={<Trash2 />} danger onSelect={() => acts.remove(message)}>
          {t('delete')}
        </MenuItem>
      </Menu>
    </div>
  )
}

function Thumb({ message, feedback, acts }: { message: Message; feedback: 'up' | 'down'; acts: MessageActs }) {
  const { t } = useTranslation('chat')
  const isSet = message.feedback === feedback
  const Icon = feedback === 'up' ? ThumbsUp : ThumbsDown
  return (
    <IconButton
      size="small"
      label={feedback === 'up' ? t('answer.good') : t('answer.bad')}
      aria-pressed={isSet}
      onClick={() => acts.rate(message, isSet ? null : feedback)}
      className={cn(isSet && 'text-accent hover:text-accent')}
    >
      <Icon className={cn('size-4', isSet && 'fill-accent-soft')} />
    </IconButton>
  )
}
