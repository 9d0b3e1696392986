import { useEffect, useState } from 'react'
import { useTranslation } from '../../i18n/use-translation'
import { keyNames } from '../../lib/platform'
import { Dialog } from '../../ui/dialog'
import { Kbd } from '../../ui/kbd'
import { onShortcutsWanted } from './shortcut-events'
import { SHORTCUTS } from './shortcuts'

/** The list of shortcuts, when it is asked for. */
export function ShortcutsDialog() {
  const [open, setOpen] = useState(false)
  useEffect(() => onShortcutsWanted(() => setOpen(true)), [])
  return open ? <ShortcutList onClose={() => setOpen(false)} /> : null
}

function ShortcutList({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation('shortcuts')
  return (
    <Dialog open onOpenChange={onClose} title={t('title')}>
      <dl className="grid gap-1">
        {SHORTCUTS.map(({ keys, name }) => (
          <div
            key={name}
            className="flex min-h-9 items-center justify-between gap-4 border-line border-b last:border-0"
          >
            <dt>{t(`names.${name}`)}</dt>
            <dd>
              <Kbd keys={keyNames(keys)} />
            </dd>
          </div>
        ))}
      </dl>
    </Dialog>
  )
}
