import { type Ref, useRef } from 'react'
import type { Conversation, Message } from '../../api/conversation-types'
import { BlindNotice } from './blind-notice'
import { Composer, type ComposerHandle } from './composer'
import { QueueList } from './queue-list'
import { SendProblem } from './send-problem'
import type { Asking } from './use-asking'
import { useQueue } from './use-queue'
import { useSeen } from './use-seen'
import type { Stopping } from './use-stop'

interface OpenComposerProps {
  conversation: Conversation
  leaf: Message | undefined
  asking: Asking
  stop: Stopping
  onModelChange: (model: string) => void
  ref: Ref<ComposerHandle>
}

/** The field of an open conversation: while an answer runs, what is sent waits for it. */
export function OpenComposer({ conversation, leaf, asking, stop, onModelChange, ref }: OpenComposerProps) {
  const handle = useRef<ComposerHandle>(null)
  const isBusy = stop.isRunning || asking.isUnderWay
  const queue = useQueue({ conversationId: conversation.id, leaf, isBusy, send: asking.send })
  const seen = useSeen(conversation.model)
  return (
    <Composer
      ref={(given) => {
        handle.current = given
        if (typeof ref === 'function') ref(given)
        else if (ref) ref.current = given
      }}
      draftKey={conversation.temporary ? null : conversation.id}
      isRunning={stop.isRunning}
      isStopping={stop.isStopping}
      onStop={stop.stop}
      onSend={async (text, attachments) => {
        if (!isBusy) return asking.send(text, attachments)
        queue.add(text, attachments)
        return true
      }}
      blindNotice={
        seen.isBlind ? (
          <BlindNotice modelName={seen.modelName} model={conversation.model} onModelChange={onModelChange} />
        ) : null
      }
      above={
        <>
          <SendProblem problem={asking.problem} onClose={asking.forgetProblem} />
          <QueueList
            queue={queue}
            onEdit={(message) => {
              queue.remove(message.key)
              handle.current?.putBack(message.text, message.attachments)
            }}
          />
        </>
      }
    />
  )
}
