import { useParams } from '@tanstack/react-router'
import { useState } from 'react'
import type { Conversation } from '../../api/conversation-types'

/** Conversations whose answer ended while another one was open. */
export function useNewsOf(conversations: readonly Conversation[]): ReadonlySet<string> {
  const { conversationId: openId } = useParams({ strict: false })
  const [running, setRunning] = useState<ReadonlySet<string>>(new Set())
  const [unread, setUnread] = useState<ReadonlySet<string>>(new Set())

  const nowRunning = new Set(conversations.filter((one) => one.running.length > 0).map((one) => one.id))
  const ended = [...running].filter((id) => !nowRunning.has(id))
  if (ended.length > 0 || [...nowRunning].some((id) => !running.has(id))) setRunning(nowRunning)
  const news = ended.filter((id) => id !== openId && !unread.has(id))
  if (news.length > 0) setUnread(new Set([...unread, ...news]))
  if (openId !== undefined && unread.has(openId)) setUnread(new Set([...unread].filter((id) => id !== openId)))
  return unread
}
