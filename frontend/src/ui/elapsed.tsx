import { useEffect, useState } from 'react'
import { useTranslation } from '../i18n/use-translation'
import { duration } from '../lib/format'

/** Time that passes, counted in whole seconds; read out only when asked for. */
export function Elapsed({ since }: { since: number | Date }) {
  const { i18n } = useTranslation()
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000)
    return () => clearInterval(timer)
  }, [])
  const seconds = Math.max(0, Math.floor((now - Number(since)) / 1000))
  return <span className="tabular-nums">{duration(seconds * 1000, i18n.language)}</span>
}
