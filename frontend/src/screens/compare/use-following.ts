import { useCallback } from 'react'

/** Closer than this to the end counts as being there. */
const NEAR_PX = 48

/** For a box that scrolls: stays at its end while it grows, until the reader scrolls up. */
export function useFollowing() {
  return useCallback((box: HTMLElement | null) => {
    if (box === null) return
    let follows = true
    const onScroll = () => {
      follows = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_PX
    }
    const sizes = new ResizeObserver(() => {
      if (follows) box.scrollTop = box.scrollHeight
    })
    for (const child of box.children) sizes.observe(child)
    box.addEventListener('scroll', onScroll, { passive: true })
    return () => {
      sizes.disconnect()
      box.removeEventListener('scroll', onScroll)
    }
  }, [])
}
