import { Check, Copy } from 'lucide-react'
import { useEffect, useState } from 'react'
import { useTranslation } from '../i18n/use-translation'
import { Button } from './button'
import { IconButton } from './icon-button'

interface CopyButtonProps {
  text: string | (() => string)
  /** What is copied, for the button's name. */
  label?: string
  look?: 'icon' | 'text'
  size?: 'normal' | 'small'
}

const SHOWN_MS = 1600

export function CopyButton({ text, label, look = 'icon', size = 'small' }: CopyButtonProps) {
  const { t } = useTranslation('common')
  const [isCopied, setIsCopied] = useState(false)
  useEffect(() => {
    if (!isCopied) return
    const timer = setTimeout(() => setIsCopied(false), SHOWN_MS)
    return () => clearTimeout(timer)
  }, [isCopied])
  const copy = async () => {
    await copyText(typeof text === 'string' ? text : text())
    setIsCopied(true)
  }
  const name = isCopied ? t('copied') : (label ?? t('copy'))
  const icon = isCopied ? <Check className="size-4 text-ok" /> : <Copy className="size-4" />
  return look === 'icon' ? (
    <IconButton label={name} size={size} onClick={copy}>
      {icon}
    </IconButton>
  ) : (
    <Button size={size} onClick={copy}>
      {icon}
      {name}
    </Button>
  )
}

/** Also over plain http, where browsers offer no clipboard. */
export async function copyText(text: string): Promise<void> {
  if (navigator.clipboard) return navigator.clipboard.writeText(text)
  const area = document.createElement('textarea')
  area.value = text
  area.style.position = 'fixed'
  area.style.opacity = '0'
  document.body.append(area)
  area.select()
  document.execCommand('copy')
  area.remove()
}
