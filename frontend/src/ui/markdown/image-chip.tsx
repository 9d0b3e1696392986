import { ImageIcon } from 'lucide-react'
import { useContext } from 'react'
import { useTranslation } from '../../i18n/use-translation'
import { InLink } from './link'
import { targetOf } from './where-links-go'

/** An image that a model points to is never loaded: its address may carry words of the conversation away. */
export function ImageChip({ src, alt }: { src: string; alt: string }) {
  const { t } = useTranslation('markdown')
  const inLink = useContext(InLink)
  const target = targetOf(src)
  const icon = <ImageIcon className="size-3.5 shrink-0" aria-hidden />
  if (!target || !('host' in target)) {
    return (
      <span className="md-chip">
        {icon}
        {alt === '' ? t('image') : t('imageNamed', { alt })}
      </span>
    )
  }
  const { href, host } = target
  const words = alt === '' ? t('imageAt', { host }) : t('imageNamedAt', { alt, host })
  return inLink ? (
    <span className="md-chip" title={href}>
      {icon}
      {words}
    </span>
  ) : (
    <a className="md-chip" href={href} title={href} target="_blank" rel="noopener noreferrer nofollow">
      {icon}
      {words}
    </a>
  )
}
