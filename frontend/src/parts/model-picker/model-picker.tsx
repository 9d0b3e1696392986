import { Slot } from 'radix-ui'
import { type ReactElement, Suspense, useState } from 'react'
import { useTranslation } from '../../i18n/use-translation'
import { lazyPart } from '../../lib/lazy-part'
import { useMedia } from '../../lib/use-media'
import { Dialog } from '../../ui/dialog'
import { Popover } from '../../ui/popover'
import { SkeletonRows } from '../../ui/skeleton'
import { PickerTrigger } from './picker-trigger'

const PickerContent = lazyPart(() => import('./picker-content').then((module) => module.PickerContent))

interface ModelPickerProps {
  /** A canonical name or an alias; null means the default model. */
  value: string | null
  onChange: (id: string) => void
  /** Offers models that see images first. */
  needsVision?: boolean
  /** A button of one's own instead of the one that names the model; it must pass on its props and ref. */
  trigger?: ReactElement
  open?: boolean
  onOpenChange?: (open: boolean) => void
  align?: 'start' | 'center' | 'end'
}

/** Opens at once from what is known and refreshes in place; below 640 px a sheet. */
export function ModelPicker({
  value,
  onChange,
  needsVision = false,
  trigger = <PickerTrigger value={value} />,
  open,
  onOpenChange,
  align = 'start',
}: ModelPickerProps) {
  const { t } = useTranslation('picker')
  const [isOpenHere, setIsOpenHere] = useState(false)
  const isOpen = open ?? isOpenHere
  const isNarrow = useMedia('(max-width: 639px)')
  const setOpen = (next: boolean) => {
    setIsOpenHere(next)
    onOpenChange?.(next)
  }
  const choose = (id: string) => {
    setOpen(false)
    onChange(id)
  }
  const content = (
    <Suspense fallback={<SkeletonRows label={t('loading')} rows={6} />}>
      <PickerContent value={value} needsVision={needsVision} onChoose={choose} />
    </Suspense>
  )
  if (isNarrow) {
    return (
      <>
        <Slot.Root aria-haspopup="dialog" aria-expanded={isOpen} onClick={() => setOpen(true)}>
          {trigger}
        </Slot.Root>
        <Dialog open={isOpen} onOpenChange={setOpen} title={t('choose')}>
          <div className="-mx-5 -mt-2 -mb-4 flex h-[70dvh] flex-col">{content}</div>
        </Dialog>
      </>
    )
  }
  return (
    <Popover
      label={t('choose')}
      trigger={trigger}
      open={isOpen}
      onOpenChange={setOpen}
      align={align}
      className="flex max-h-[min(36rem,var(--radix-popover-content-available-height))] w-112 flex-col overflow-hidden p-0"
    >
      {content}
    </Popover>
  )
}
