import { Dialog } from 'radix-ui'
import { useTranslation } from '../i18n/use-translation'
import type { Shell } from '../parts/shell/shell'
import { Sidebar } from '../parts/sidebar/sidebar'

/** The sidebar on a phone: it covers the page. */
export function SidebarSheet({ shell }: { shell: Shell }) {
  const { t } = useTranslation('common')
  return (
    <Dialog.Root open={shell.isSidebarOpen} onOpenChange={shell.toggleSidebar}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 animate-appear bg-overlay" />
        <Dialog.Content
          aria-describedby={undefined}
          className="fixed inset-y-0 left-0 z-50 w-[min(20rem,86vw)] animate-from-left border-line border-r bg-surface-0 shadow-float outline-none"
        >
          <Dialog.Title className="sr-only">{t('sidebar.title')}</Dialog.Title>
          <Sidebar />
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  )
}
