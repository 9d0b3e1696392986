import { useEffect, useRef } from 'react'
import { type ChatWish, onChatWish } from '../../parts/conversation/chat-wishes'

/** Does what palette and shortcuts want of this chat. */
export function useGrantedWishes(acts: Partial<Record<ChatWish, () => void>>): void {
  const latest = useRef(acts)
  useEffect(() => {
    latest.current = acts
  })
  useEffect(() => onChatWish((wish) => latest.current[wish]?.()), [])
}
