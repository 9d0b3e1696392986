import { Link } from '@tanstack/react-router'
import { MessageSquareOff } from 'lucide-react'
import { useTranslation } from '../../i18n/use-translation'
import { SidebarButton } from '../../parts/shell/shell'
import { Button } from '../../ui/button'
import { Empty } from '../../ui/empty'

/** A conversation that was deleted, has never been, or is somebody else's. */
export function GoneChat() {
  const { t } = useTranslation('chat')
  return (
    <div className="flex h-full flex-col">
      <div className="flex h-14 shrink-0 items-center px-2">
        <SidebarButton />
      </div>
      <Empty
        icon={<MessageSquareOff />}
        title={t('gone.title')}
        action={
          <Button asChild look="primary">
            <Link to="/">{t('gone.new')}</Link>
          </Button>
        }
      >
        {t('gone.text')}
      </Empty>
    </div>
  )
}
