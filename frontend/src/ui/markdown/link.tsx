import { createContext, type ReactNode } from 'react'
import { useTranslation } from '../../i18n/use-translation'
import { realTarget, targetOf } from './where-links-go'

interface LinkProps {
  href: string | undefined
  /** What it says, as plain text. */
  text: string
  children: ReactNode
}

/** Whether a link is around: there is no link inside another. */
export const InLink = createContext(false)

/** Opens in a page of its own and says where it goes. Addresses that are not for opening stay text. */
export function Link({ href, text, children }: LinkProps) {
  const { t } = useTranslation('markdown')
  // Still being written.
  if (href === '') return <span className="md-link">{children}</span>
  const target = targetOf(href)
  if (!target) {
    return (
      <span className="md-dead" title={href ? t('notOpenedTo', { address: href }) : t('notOpened')}>
        {children}
      </span>
    )
  }
  const real = realTarget(text, target)
  return (
    <>
      <a className="md-link" href={target.href} title={target.href} target="_blank" rel="noopener noreferrer nofollow">
        <InLink value={true}>{children}</InLink>
      </a>
      {real !== null && <span className="md-real"> ({real})</span>}
    </>
  )
}
