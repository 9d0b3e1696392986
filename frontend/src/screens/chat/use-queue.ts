import { useEffect, useState } from 'react'
import type { Attachment, Message } from '../../api/conversation-types'
import { type QueuedMessage, readQueue, writeQueue } from './queue'

interface QueueOptions {
  conversationId: string
  /** The end of the shown branch. */
  leaf: Message | undefined
  /** A question is on its way or an answer is being written. */
  isBusy: boolean
  send: (text: string, attachments: readonly Attachment[]) => Promise<boolean>
}

export interface Queue {
  messages: readonly QueuedMessage[]
  /** The last answer did not come to its end, or the first message was refused: nothing is sent until somebody says so. */
  isHeld: boolean
  add(text: string, attachments: readonly Attachment[]): void
  remove(key: string): void
  /** Sends the first one although it is held. */
  sendNow(): void
}

let count = 0

/** Messages that wait for the running answer; the first goes out when it is done. */
export function useQueue({ conversationId, leaf, isBusy, send }: QueueOptions): Queue {
  const [messages, setMessages] = useState(() => readQueue(conversationId, sessionStorage))
  useEffect(() => writeQueue(conversationId, messages, sessionStorage), [conversationId, messages])
  const [wasRefused, setWasRefused] = useState(false)
  const hasEnded = leaf?.role === 'assistant' && ['failed', 'stopped', 'interrupted'].includes(leaf.status)
  const isHeld = hasEnded || wasRefused
  const next = messages[0]
  const isDue = next !== undefined && !isBusy && !isHeld

  async function sendFirst() {
    if (next === undefined) return
    setMessages((before) => before.filter(({ key }) => key !== next.key))
    const arrived = await send(next.text, next.attachments)
    setWasRefused(!arrived)
    if (!arrived) setMessages((before) => [next, ...before])
  }

  // biome-ignore lint/correctness/useExhaustiveDependencies: it goes out when it is due, once
  useEffect(() => {
    if (isDue) void sendFirst()
  }, [isDue])

  return {
    messages,
    isHeld,
    add(text, attachments) {
      count += 1
      const one = { key: `${Date.now()}-${count}`, text, attachments: [...attachments] }
      setMessages((before) => [...before, one])
    },
    remove: (key) => setMessages((before) => before.filter((one) => one.key !== key)),
    sendNow: () => void sendFirst(),
  }
}
