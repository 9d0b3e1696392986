import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { isAdmin, sessionQueries } from '../../api/session'
import { useTranslation } from '../../i18n/use-translation'
import { Button } from '../../ui/button'
import { FoundServers } from './found-servers'
import { KeysToPaste } from './keys-to-paste'
import { PasswordStep } from './password-step'
import { Step } from './step'

/** First run: a password, the models there are, the first chat. The demo engine works without any of it. */
export function WelcomeScreen() {
  const { t } = useTranslation('welcome')
  const { data: me } = useQuery(sessionQueries.me())
  const navigate = useNavigate()
  const [added, setAdded] = useState(0)
  if (!me) return null
  const isSafe = !me.must_change_password
  const noteAdded = () => setAdded((before) => before + 1)
  return (
    <main className="h-full overflow-y-auto">
      <div className="mx-auto grid max-w-form gap-8 px-4 pt-10 pb-16 sm:pt-16">
        <header className="flex items-center gap-4">
          <img src="icon.svg" alt="" className="size-12" />
          <div>
            <h1 className="font-semibold text-20">{t('title')}</h1>
            <p className="text-muted">{t('lead')}</p>
          </div>
        </header>
        <ol className="grid gap-4">
          <Step number={1} title={t('password.title')} state={isSafe ? 'done' : 'open'} note={t('password.done')}>
            <PasswordStep />
          </Step>
          <Step number={2} title={t('models.title')} state={isSafe ? 'open' : 'waiting'}>
            {isAdmin(me) ? (
              <div className="grid gap-6">
                <FoundServers onAdded={noteAdded} />
                <KeysToPaste onAdded={noteAdded} />
              </div>
            ) : (
              <p className="text-muted">{t('models.notYours')}</p>
            )}
          </Step>
          <Step number={3} title={t('chat.title')} state={isSafe ? 'open' : 'waiting'}>
            <p className="text-muted">{added > 0 ? t('chat.ready', { count: added }) : t('chat.demo')}</p>
            <Button look="primary" className="mt-3" onClick={() => void navigate({ to: '/' })}>
              {added > 0 ? t('chat.start') : t('chat.startDemo')}
            </Button>
          </Step>
        </ol>
      </div>
    </main>
  )
}
