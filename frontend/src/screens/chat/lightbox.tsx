import { ChevronLeft, ChevronRight, X } from 'lucide-react'
import { Dialog } from 'radix-ui'
import type { KeyboardEvent } from 'react'
import type { Attachment } from '../../api/conversation-types'
import { useTranslation } from '../../i18n/use-translation'
import { IconButton } from '../../ui/icon-button'
import { usePicture } from './use-picture'

interface LightboxProps {
  pictures: readonly Attachment[]
  position: number
  onMove: (position: number) => void
  onClose: () => void
}

/** One picture as large as the window; arrow keys lead to its neighbours. */
export function Lightbox({ pictures, position, onMove, onClose }: LightboxProps) {
  const { t } = useTranslation('chat')
  const picture = pictures[position]
  if (picture === undefined) return null
  const move = (step: number) => onMove((position + step + pictures.length) % pictures.length)
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'ArrowLeft') move(-1)
    if (event.key === 'ArrowRight') move(1)
  }
  return (
    <Dialog.Root open onOpenChange={onClose}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 animate-appear bg-overlay" />
        <Dialog.Content
          aria-describedby={undefined}
          onKeyDown={onKeyDown}
          className="fixed inset-0 z-50 flex animate-appear flex-col bg-surface-0 outline-none sm:inset-6 sm:rounded-card sm:border sm:border-line sm:shadow-float"
        >
          <header className="flex h-14 shrink-0 items-center gap-2 px-4">
            <Dialog.Title className="min-w-0 grow truncate font-medium text-14">{picture.name}</Dialog.Title>
            {pictures.length > 1 && (
              <>
                <IconButton label={t('picture.before')} onClick={() => move(-1)}>
                  <ChevronLeft className="size-4.5" />
                </IconButton>
                <span className="text-13 text-muted tabular-nums">
                  {position + 1}/{pictures.length}
                </span>
                <IconButton label={t('picture.after')} onClick={() => move(1)}>
                  <ChevronRight className="size-4.5" />
                </IconButton>
              </>
            )}
            <IconButton label={t('close')} onClick={onClose}>
              <X className="size-4.5" />
            </IconButton>
          </header>
          <FullPicture key={picture.id} picture={picture} />
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  )
}

function FullPicture({ picture }: { picture: Attachment }) {
  const { url } = usePicture(picture.id)
  return (
    <div className="grid min-h-0 grow place-items-center p-4">
      {url !== null && <img src={url} alt={picture.name} className="max-h-full max-w-full object-contain" />}
    </div>
  )
}
