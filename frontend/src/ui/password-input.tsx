import { Eye, EyeOff } from 'lucide-react'
import { type InputHTMLAttributes, useState } from 'react'
import { useTranslation } from '../i18n/use-translation'
import { IconButton } from './icon-button'
import { Input } from './input'

/** Dots that can be turned into letters, and a word when the caps lock is on. */
export function PasswordInput(props: Omit<InputHTMLAttributes<HTMLInputElement>, 'type'>) {
  const { t } = useTranslation('common')
  const [isShown, setIsShown] = useState(false)
  const [hasCapsLock, setHasCapsLock] = useState(false)
  return (
    <div className="grid gap-1">
      <div className="relative">
        <Input
          {...props}
          type={isShown ? 'text' : 'password'}
          spellCheck={false}
          className="pr-11"
          onKeyDown={(event) => setHasCapsLock(event.getModifierState('CapsLock'))}
          onKeyUp={(event) => setHasCapsLock(event.getModifierState('CapsLock'))}
        />
        <IconButton
          label={isShown ? t('password.hide') : t('password.show')}
          size="small"
          aria-pressed={isShown}
          className="-translate-y-1/2 absolute top-1/2 right-1"
          onClick={() => setIsShown(!isShown)}
        >
          {isShown ? <EyeOff className="size-4" /> : <Eye className="size-4" />}
        </IconButton>
      </div>
      {hasCapsLock && <p className="text-13 text-warn">{t('password.capsLock')}</p>}
    </div>
  )
}
