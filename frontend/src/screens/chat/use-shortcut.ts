import { useEffect, useRef } from 'react'
import { isShortcut } from '../../lib/platform'

/** Keys of this screen alone. While it is off, the browser has them back. */
export function useShortcut(shortcut: string, act: () => void, isOn: boolean): void {
  const latest = useRef(act)
  useEffect(() => {
    latest.current = act
  })
  useEffect(() => {
    if (!isOn) return
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented || !isShortcut(event, shortcut)) return
      event.preventDefault()
      latest.current()
    }
    addEventListener('keydown', onKeyDown)
    return () => removeEventListener('keydown', onKeyDown)
  }, [shortcut, isOn])
}
