import { useEffect } from 'react'

const NAME = 'Patchbay'

/** The window's title while this is shown. */
export function usePageTitle(title: string): void {
  useEffect(() => {
    document.title = title === '' ? NAME : `${title} · ${NAME}`
    return () => {
      document.title = NAME
    }
  }, [title])
}
