// What palette and shortcuts want of the chat that is open, without knowing it.

export type ChatWish = 'model' | 'parameters' | 'find' | 'focus' | 'stop' | 'regenerate' | 'copyAnswer' | 'editQuestion'

const WISH = 'pb-chat-wish'

/** Whether a chat is there to do it. */
export function wishOfChat(wish: ChatWish): boolean {
  const event = new CustomEvent<ChatWish>(WISH, { detail: wish, cancelable: true })
  return !dispatchEvent(event)
}

/** Calls `grant` with each wish; what comes back stops that. */
export function onChatWish(grant: (wish: ChatWish) => void): () => void {
  const listener = (event: Event) => {
    event.preventDefault()
    grant((event as CustomEvent<ChatWish>).detail)
  }
  addEventListener(WISH, listener)
  return () => removeEventListener(WISH, listener)
}
