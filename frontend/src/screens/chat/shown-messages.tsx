import { type ReactNode, type Ref, useCallback } from 'react'
import type { Message } from '../../api/conversation-types'
import { useTranslation } from '../../i18n/use-translation'
import type { LiveAnswers } from '../../parts/answer/live-answers'
import { siblingsOf, type Tree } from '../../parts/conversation/tree'
import { Answer } from './answer'
import { LaterMessageList } from './later-message-list'
import type { MessageActs } from './message-acts'
import type { MessageListHandle } from './message-list'
import { OtherMessage } from './other-message'
import { isPending } from './pending-question'
import { Question } from './question'

interface ShownMessagesProps {
  messages: readonly Message[]
  tree: Tree
  live: LiveAnswers
  acts: MessageActs
  editing: Message | null
  keyOf: (message: Message) => string
  mayTest: boolean
  onFarFromEnd: (far: boolean) => void
  foot: ReactNode
  ref: Ref<MessageListHandle>
}

export function ShownMessages(props: ShownMessagesProps) {
  const { messages, tree, live, acts, editing, keyOf, mayTest, onFarFromEnd, foot, ref } = props
  const { t } = useTranslation('chat')
  const nameOf = useCallback((message: Message) => (message.role === 'user' ? t('you') : t('answerLabel')), [t])

  function renderMessage(message: Message, position: number) {
    const siblings = isPending(message) ? [message] : siblingsOf(tree, message)
    const number = siblings.findIndex(({ id }) => id === message.id) + 1
    const branch = { number, count: siblings.length, acts }
    if (message.role === 'user') {
      const isEditing = editing?.id === message.id
      return <Question message={isEditing ? editing : message} isEditing={isEditing} {...branch} />
    }
    if (message.role !== 'assistant') return <OtherMessage message={message} />
    return (
      <Answer message={message} live={live} isLast={position === messages.length - 1} mayTest={mayTest} {...branch} />
    )
  }

  return (
    <LaterMessageList
      ref={ref}
      label={t('messages')}
      messages={messages}
      keyOf={keyOf}
      nameOf={nameOf}
      keptId={editing?.id ?? null}
      onFarFromEnd={onFarFromEnd}
      foot={foot}
      renderMessage={renderMessage}
    />
  )
}
