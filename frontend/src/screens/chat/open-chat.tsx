import { Suspense, useMemo, useRef, useState } from 'react'
import type { Conversation, Message } from '../../api/conversation-types'
import { isAdmin, useMe } from '../../api/session'
import { useTranslation } from '../../i18n/use-translation'
import { lazyPart } from '../../lib/lazy-part'
import { usePageTitle } from '../../lib/use-page-title'
import { AnswerDetails } from '../../parts/answer/answer-details'
import { activePath, treeOf } from '../../parts/conversation/tree'
import { useChanges } from '../../parts/conversation/use-changes'
import { useLiveAnswers } from '../../parts/conversation/use-live-answers'
import { ParameterPanel } from '../../parts/parameters/parameter-panel'
import { copyText } from '../../ui/copy-button'
import { Announcements } from './announcements'
import type { ComposerHandle } from './composer'
import { DropZone } from './drop-zone'
import { JumpButton } from './jump-button'
import type { MessageListHandle } from './message-list'
import { OpenChatHeader } from './open-chat-header'
import { OpenComposer } from './open-composer'
import { ShownMessages } from './shown-messages'
import { useAsking } from './use-asking'
import { useGrantedWishes } from './use-granted-wishes'
import { useLastModel } from './use-last-model'
import { useMessageActs } from './use-message-acts'
import { useShortcut } from './use-shortcut'
import { useStop } from './use-stop'
import { useWanted } from './use-wanted'

const FindBar = lazyPart(() => import('./find-bar').then((module) => module.FindBar))

interface OpenChatProps {
  conversation: Conversation
  messages: readonly Message[]
  wantedId: string | null
}

export function OpenChat({ conversation, messages, wantedId }: OpenChatProps) {
  const { t } = useTranslation('chat')
  const { id } = conversation
  const composer = useRef<ComposerHandle>(null)
  const list = useRef<MessageListHandle>(null)
  const [editing, setEditing] = useState<Message | null>(null)
  const [detailed, setDetailed] = useState<Message | null>(null)
  const [isFar, setIsFar] = useState(false)
  const [isFinding, setFinding] = useState(false)
  const [isPickerOpen, setPickerOpen] = useState(false)
  const [isPanelOpen, setPanelOpen] = useState(false)
  const mayTest = isAdmin(useMe())

  const live = useLiveAnswers(messages)
  const asking = useAsking(conversation, live, () => list.current?.scrollToEnd())
  const change = useChanges(id)
  const [, setLastModel] = useLastModel()
  const tree = useMemo(() => treeOf(messages), [messages])
  const { pending } = asking
  const shown = useMemo(() => {
    if (pending === null || tree.byId.has(pending.id)) return activePath(tree, conversation.active_message_id)
    return [...(pending.parent_id === null ? [] : activePath(tree, pending.parent_id)), pending]
  }, [tree, conversation.active_message_id, pending])
  const leaf = shown.at(-1)
  const stop = useStop(leaf)
  const acts = useMessageActs({ conversationId: id, tree, asking, change, setEditing, openDetails: setDetailed })
  usePageTitle(conversation.title || t('newChat'))
  useWanted({ wantedId, tree, change, list })

  useShortcut('mod+f', () => setFinding(true), !isFinding)

  function changeModel(model: string) {
    change({ model })
    setLastModel(model)
  }

  useGrantedWishes({
    model: () => setPickerOpen(true),
    parameters: () => setPanelOpen((open) => !open),
    find: () => setFinding(true),
    focus: () => composer.current?.focus(),
    stop: stop.stop,
    copyAnswer: () => void copyText(shown.findLast(({ role }) => role === 'assistant')?.content ?? ''),
    editQuestion: () => setEditing(shown.findLast(({ role }) => role === 'user') ?? null),
    regenerate: () => leaf?.role === 'assistant' && leaf.status !== 'streaming' && acts.regenerate(leaf),
  })

  return (
    <div className="flex h-full min-h-0">
      <DropZone onFiles={(files) => composer.current?.addFiles(files)}>
        <OpenChatHeader
          conversation={conversation}
          onModelChange={changeModel}
          isPickerOpen={isPickerOpen}
          onPickerOpenChange={setPickerOpen}
          isPanelOpen={isPanelOpen}
          onPanelOpenChange={setPanelOpen}
          onFind={() => setFinding(true)}
        />
        <div className="relative flex min-h-0 grow flex-col">
          {isFinding && (
            <Suspense>
              <FindBar messages={shown} list={list} onClose={() => setFinding(false)} />
            </Suspense>
          )}
          <ShownMessages
            ref={list}
            messages={shown}
            tree={tree}
            live={live}
            acts={acts}
            editing={editing}
            keyOf={asking.keyOf}
            mayTest={mayTest}
            onFarFromEnd={setIsFar}
            foot={isFar && <JumpButton isRunning={stop.isRunning} onJump={() => list.current?.scrollToEnd()} />}
          />
        </div>
        <OpenComposer
          ref={composer}
          conversation={conversation}
          leaf={leaf}
          asking={asking}
          stop={stop}
          onModelChange={changeModel}
        />
      </DropZone>
      <ParameterPanel
        open={isPanelOpen}
        onOpenChange={setPanelOpen}
        model={conversation.model}
        value={conversation.parameters}
        onChange={(parameters) => change({ parameters: { ...parameters } })}
        systemPrompt={conversation.system_prompt}
        onSystemPromptChange={(system_prompt) => change({ system_prompt })}
        onModelChange={changeModel}
      />
      <AnswerDetails message={detailed} onClose={() => setDetailed(null)} />
      <Announcements leaf={leaf} />
    </div>
  )
}
