import { Navigate, useNavigate } from '@tanstack/react-router'
import { useMemo, useState } from 'react'
import type { Conversation, Message } from '../../api/conversation-types'
import { useMay } from '../../api/session'
import { useTranslation } from '../../i18n/use-translation'
import { AnswerDetails } from '../../parts/answer/answer-details'
import { treeOf } from '../../parts/conversation/tree'
import { useChanges } from '../../parts/conversation/use-changes'
import { useConversation } from '../../parts/conversation/use-conversation'
import { useLiveAnswers } from '../../parts/conversation/use-live-answers'
import { Failure } from '../../ui/failure'
import { SkeletonRows } from '../../ui/skeleton'
import type { AnswerActs } from './compare-answer'
import { CompareBody } from './compare-body'
import { CompareFrame } from './compare-frame'
import { type Column, turnsOf } from './turns'
import { useComparing } from './use-comparing'

/** A comparison from the list: as it was left, running on where it runs. */
export function BegunComparison({ id }: { id: string }) {
  const { t } = useTranslation('compare')
  const { conversation, messages, all } = useConversation(id)
  const error = conversation.error ?? messages.error
  if (conversation.data === undefined || messages.data === undefined) {
    return (
      <div className="p-6">
        {error === null ? (
          <SkeletonRows label={t('loading')} />
        ) : (
          <Failure title={t('failed')} error={error} onRetry={() => void conversation.refetch()} />
        )}
      </div>
    )
  }
  const { compare } = conversation.data
  // It went on as a chat.
  if (compare === null) return <Navigate to="/c/$conversationId" params={{ conversationId: id }} replace />
  return <Comparison conversation={conversation.data} columns={compare.columns} messages={all} />
}

interface ComparisonProps {
  conversation: Conversation
  columns: readonly Column[]
  messages: readonly Message[]
}

function Comparison({ conversation, columns, messages }: ComparisonProps) {
  const live = useLiveAnswers(messages)
  const navigate = useNavigate()
  const mayTest = useMay('manage')
  const change = useChanges(conversation.id)
  const comparing = useComparing(conversation, columns, live)
  const [details, setDetails] = useState<Message | null>(null)
  const turns = useMemo(() => turnsOf(treeOf(messages), columns), [messages, columns])
  const running = (turns.at(-1)?.answers ?? []).filter((answer) => answer?.status === 'streaming')
  const acts: AnswerActs = {
    regenerate(answer, column, model) {
      if (model !== undefined) void comparing.setModel(column, model)
      void comparing.regenerate(answer, model ?? columns[column]?.model ?? '')
    },
    stop: (answer) => void comparing.stop([answer]),
    continueWith: (column) => void comparing.continueWith(column),
    openDetails: setDetails,
    testProvider: mayTest ? (slug) => void navigate({ to: '/admin/providers/$slug', params: { slug } }) : null,
  }
  return (
    <CompareFrame
      title={conversation.title}
      model={columns[0]?.model ?? null}
      parameters={conversation.parameters}
      onParameters={(parameters) => change({ parameters })}
      systemPrompt={conversation.system_prompt}
      onSystemPrompt={(system_prompt) => change({ system_prompt })}
    >
      <CompareBody
        columns={columns}
        turns={turns}
        live={live}
        acts={acts}
        onModel={(column, model) => void comparing.setModel(column, model)}
        empty={null}
        problem={comparing.problem}
        isRunning={running.length > 0}
        onSend={comparing.ask}
        onStopAll={() => void comparing.stop(running.flatMap((answer) => answer ?? []))}
      />
      <AnswerDetails message={details} onClose={() => setDetails(null)} />
    </CompareFrame>
  )
}
