import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { isAdmin, sessionQueries, typedOneTimePassword } from '../../api/session'
import { useTranslation } from '../../i18n/use-translation'
import { PasswordForm } from '../../parts/password/password-form'
import { SignInForm } from './sign-in-form'

/** Name and password; whoever came with a one-time password chooses another one here. */
export function SignInScreen() {
  const { t } = useTranslation('signIn')
  const { next } = useSearch({ from: '/sign-in' })
  const navigate = useNavigate()
  const { data: me } = useQuery(sessionQueries.me())
  const mustChange = me?.must_change_password === true
  const goOn = () => void navigate({ href: next ?? '/', replace: true })

  return (
    <main className="grid h-full place-items-center overflow-y-auto p-4">
      <div className="grid w-full max-w-[22rem] gap-8">
        <header className="grid justify-items-center gap-3 text-center">
          <img src="icon.svg" alt="" className="size-12" />
          <h1 className="font-semibold text-20">{mustChange ? t('newTitle') : t('title')}</h1>
          {mustChange && <p className="text-muted">{t('newText')}</p>}
        </header>
        {mustChange ? (
          <PasswordForm
            replaces="oneTime"
            known={typedOneTimePassword()}
            action={t('save')}
            look="primary"
            wide
            onDone={goOn}
          />
        ) : (
          <SignInForm
            onSignedIn={(signedIn) => {
              if (!signedIn.must_change_password) goOn()
              else if (isAdmin(signedIn)) void navigate({ to: '/welcome', replace: true })
            }}
          />
        )}
      </div>
    </main>
  )
}
