import { FileUp } from 'lucide-react'
import { type DragEvent, type ReactNode, useRef, useState } from 'react'
import { useTranslation } from '../../i18n/use-translation'

interface DropZoneProps {
  onFiles: (files: FileList) => void
  children: ReactNode
}

/** The whole chat takes files that are dragged onto it. */
export function DropZone({ onFiles, children }: DropZoneProps) {
  const { t } = useTranslation('chat')
  const depth = useRef(0)
  const [isOver, setIsOver] = useState(false)

  function onDragEnter(event: DragEvent) {
    if (!event.dataTransfer.types.includes('Files')) return
    event.preventDefault()
    depth.current += 1
    setIsOver(true)
  }

  function onDragLeave() {
    depth.current = Math.max(0, depth.current - 1)
    if (depth.current === 0) setIsOver(false)
  }

  function onDrop(event: DragEvent) {
    if (event.dataTransfer.files.length === 0) return
    event.preventDefault()
    depth.current = 0
    setIsOver(false)
    onFiles(event.dataTransfer.files)
  }

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: for pointers only; the paperclip does the same for all
    <div
      className="relative flex min-w-0 grow flex-col"
      onDragEnter={onDragEnter}
      onDragOver={(event) => isOver && event.preventDefault()}
      onDragLeave={onDragLeave}
      onDrop={onDrop}
    >
      {children}
      {isOver && (
        <div className="pointer-events-none absolute inset-2 z-30 grid animate-appear place-items-center rounded-card border-2 border-accent border-dashed bg-surface-0/85">
          <p className="flex items-center gap-2 font-medium text-16">
            <FileUp aria-hidden="true" className="size-5 text-accent" />
            {t('attach.drop')}
          </p>
        </div>
      )}
    </div>
  )
}
