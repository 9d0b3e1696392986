import { ArrowUp, Paperclip, Square } from 'lucide-react'
import { type ClipboardEvent, type ReactElement, type ReactNode, type Ref, useImperativeHandle, useRef } from 'react'
import type { Attachment } from '../../api/conversation-types'
import { useTranslation } from '../../i18n/use-translation'
import { useMedia } from '../../lib/use-media'
import { GrowingText } from '../../parts/conversation/growing-text'
import { IconButton } from '../../ui/icon-button'
import { AttachmentList } from './attachment-list'
import { useAttachments } from './use-attachments'
import { useDraft } from './use-draft'

export interface ComposerHandle {
  focus(): void
  addFiles(files: Iterable<File>): void
  /** Puts a message back into the field, before what is there. */
  putBack(text: string, attachments: readonly Attachment[]): void
}

interface ComposerProps {
  /** Whose draft is kept; null keeps none. */
  draftKey: string | null
  /** An answer is being written: it can be stopped, and the next message waits. */
  isRunning: boolean
  isStopping: boolean
  onStop: () => void
  /** Whether it arrived or waits; else it comes back into the field. */
  onSend: (text: string, attachments: readonly Attachment[]) => Promise<boolean>
  /** Why nothing can be sent with pictures, and what to do; shown while there are some. Null: it can. */
  blindNotice: ReactElement | null
  /** What stands above the field: waiting messages, why the last one did not arrive. */
  above: ReactNode
  ref: Ref<ComposerHandle>
}

export function Composer({ draftKey, isRunning, isStopping, onStop, onSend, blindNotice, above, ref }: ComposerProps) {
  const { t } = useTranslation('chat')
  const isTouch = useMedia('(pointer: coarse)')
  const field = useRef<HTMLTextAreaElement>(null)
  const picker = useRef<HTMLInputElement>(null)
  const draft = useDraft(draftKey)
  const files = useAttachments(draft.initial.attachments)
  const ready = files.list.flatMap(({ attachment }) => (attachment === null ? [] : [attachment]))
  draft.keep(ready)

  const hasPictures = files.list.some(({ kind, problem }) => kind === 'image' && problem === null)
  const isBlind = hasPictures && blindNotice !== null
  const isUnready = files.list.some(({ attachment }) => attachment === null)
  const isEmpty = draft.text.trim() === '' && files.list.length === 0
  const maySend = !isEmpty && !isUnready && !isBlind

  async function send() {
    if (!maySend) return
    const { text } = draft
    draft.setText('')
    files.reset([])
    if (!(await onSend(text, ready))) putBack(text, ready)
    field.current?.focus()
  }

  function putBack(text: string, attachments: readonly Attachment[]) {
    draft.setText((now) => (now.trim() === '' ? text : `${text}\n\n${now}`))
    files.reset(attachments)
    field.current?.focus()
  }

  useImperativeHandle(ref, () => ({ focus: () => field.current?.focus(), addFiles: files.add, putBack }))

  function onPaste(event: ClipboardEvent) {
    // Office programs put a picture of the text beside the text.
    if (event.clipboardData.files.length === 0 || event.clipboardData.types.includes('text/plain')) return
    event.preventDefault()
    files.add(event.clipboardData.files)
  }

  return (
    <ComposerColumn>
      {above}
      {isBlind && blindNotice}
      <div
        className="rounded-card border border-control-line bg-surface-1 has-[textarea:focus-visible]:border-accent has-[textarea:focus-visible]:outline-1 has-[textarea:focus-visible]:outline-accent"
        onPaste={onPaste}
      >
        <AttachmentList list={files.list} onRemove={files.remove} />
        <GrowingText
          ref={field}
          label={t('composer.label')}
          placeholder={t('composer.placeholder')}
          value={draft.text}
          onChange={draft.setText}
          onSend={() => void send()}
          autoFocus={isTouch ? false : 'if-free'}
          className="w-full px-4 pt-3 pb-1"
        />
        <div className="flex items-center gap-1 p-1.5">
          <IconButton label={t('attach.add')} onClick={() => picker.current?.click()}>
            <Paperclip className="size-4.5" />
          </IconButton>
          <input
            ref={picker}
            type="file"
            multiple
            hidden
            aria-label={t('attach.add')}
            onChange={(event) => {
              files.add(event.target.files ?? [])
              event.target.value = ''
            }}
          />
          <div className="grow" />
          {isRunning && (
            <IconButton label={t('composer.stop')} look="secondary" busy={isStopping} onClick={onStop}>
              <Square className="size-3.5 fill-current" />
            </IconButton>
          )}
          {!(isRunning && isEmpty) && (
            <IconButton
              label={isRunning ? t('composer.queue') : t('send')}
              look="primary"
              disabled={!maySend}
              onClick={() => void send()}
              className="text-accent-text hover:text-accent-text"
            >
              <ArrowUp className="size-4.5" />
            </IconButton>
          )}
        </div>
      </div>
    </ComposerColumn>
  )
}

/** As wide as the messages above, which leave room for a scroll bar on both sides. */
function ComposerColumn({ children }: { children: ReactNode }) {
  return (
    <div className="shrink-0 overflow-hidden [scrollbar-gutter:stable_both-edges]">
      <div className="mx-auto w-full max-w-[49rem] px-3 pt-1 pb-[max(0.75rem,env(safe-area-inset-bottom))] sm:px-6 sm:pb-4">
        {children}
      </div>
    </div>
  )
}
