import { ImageOff } from 'lucide-react'
import { Suspense, useState } from 'react'
import type { Attachment } from '../../api/conversation-types'
import { useTranslation } from '../../i18n/use-translation'
import { lazyPart } from '../../lib/lazy-part'
import { usePicture } from './use-picture'

const Lightbox = lazyPart(() => import('./lightbox').then((module) => module.Lightbox))

/** Thumbnails of one height; one opens the picture. */
export function Pictures({ pictures }: { pictures: readonly Attachment[] }) {
  const [open, setOpen] = useState<number | null>(null)
  if (pictures.length === 0) return null
  return (
    <div className="flex flex-wrap justify-end gap-2">
      {pictures.map((picture, position) => (
        <Thumbnail key={picture.id} picture={picture} onOpen={() => setOpen(position)} />
      ))}
      {open !== null && (
        <Suspense>
          <Lightbox pictures={pictures} position={open} onMove={setOpen} onClose={() => setOpen(null)} />
        </Suspense>
      )}
    </div>
  )
}

const HEIGHT_PX = 160
const WIDEST_PX = 320
const NARROWEST_PX = 64

function Thumbnail({ picture, onOpen }: { picture: Attachment; onOpen: () => void }) {
  const { t } = useTranslation('chat')
  const { url, failed } = usePicture(picture.id)
  const shape = picture.width && picture.height ? picture.width / picture.height : 1
  const width = Math.min(WIDEST_PX, Math.max(NARROWEST_PX, Math.round(HEIGHT_PX * shape)))
  return (
    <button
      type="button"
      aria-label={t('picture.open', { name: picture.name })}
      onClick={onOpen}
      className="grid h-40 max-w-full place-items-center overflow-hidden rounded-card border border-line bg-surface-2"
      style={{ width }}
    >
      {url !== null && <img src={url} alt={picture.name} className="size-full object-cover" />}
      {failed && <ImageOff aria-hidden="true" className="size-5 text-muted" />}
    </button>
  )
}
