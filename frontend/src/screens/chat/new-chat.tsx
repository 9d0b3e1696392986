import { useNavigate, useSearch } from '@tanstack/react-router'
import { Suspense, useRef, useState } from 'react'
import { useTranslation } from '../../i18n/use-translation'
import { lazyPart } from '../../lib/lazy-part'
import { usePageTitle } from '../../lib/use-page-title'
import { useCatalog } from '../../parts/model-picker/use-catalog'
import { ParameterPanel } from '../../parts/parameters/parameter-panel'
import { BlindNotice } from './blind-notice'
import { ChatHeader, type ChatSettings } from './chat-header'
import { Composer, type ComposerHandle } from './composer'
import { DropZone } from './drop-zone'
import { Greeting } from './greeting'
import { SendProblem } from './send-problem'
import { useBeginning } from './use-beginning'
import { useGrantedWishes } from './use-granted-wishes'
import { useLastModel } from './use-last-model'
import { useSeen } from './use-seen'

const PendingList = lazyPart(() => import('./pending-list').then((module) => module.PendingList))

/** The chat before its first message: who will answer, and something to begin with. */
export function NewChatScreen() {
  const { t } = useTranslation('chat')
  usePageTitle(t('newChat'))
  const search = useSearch({ from: '/app/' })
  const navigate = useNavigate()
  const composer = useRef<ComposerHandle>(null)
  const [lastModel, setLastModel] = useLastModel()
  const [chosen, setChosen] = useState<Omit<ChatSettings, 'model'>>({ parameters: {}, systemPrompt: null })
  const [isPickerOpen, setPickerOpen] = useState(false)
  const [isPanelOpen, setPanelOpen] = useState(false)
  const isTemporary = search.temporary === true
  const settings = { model: lastModel, ...chosen }
  const beginning = useBeginning({ settings, isTemporary, folderId: search.folder ?? null })
  const { catalog } = useCatalog()
  const entry = (lastModel === null ? catalog?.fallback : catalog?.byId.get(lastModel)) ?? null
  const seen = useSeen(lastModel)

  useGrantedWishes({
    model: () => setPickerOpen(true),
    parameters: () => setPanelOpen((open) => !open),
    focus: () => composer.current?.focus(),
  })

  return (
    <div className="flex h-full min-h-0">
      <DropZone onFiles={(files) => composer.current?.addFiles(files)}>
        <ChatHeader
          settings={settings}
          onModelChange={setLastModel}
          isPickerOpen={isPickerOpen}
          onPickerOpenChange={setPickerOpen}
          isPanelOpen={isPanelOpen}
          onPanelOpenChange={setPanelOpen}
          onCompare={() => void navigate({ to: '/compare' })}
          isTemporary={isTemporary}
          onTemporaryChange={(temporary) =>
            void navigate({ to: '/', search: temporary ? { temporary: true } : {}, replace: true })
          }
          menu={null}
        />
        {beginning.pending === null ? (
          <Greeting
            catalog={catalog}
            onChoose={() => setPickerOpen(true)}
            entry={entry}
            isTemporary={isTemporary}
            onSuggestion={(text) => void beginning.begin(text, [])}
          />
        ) : (
          <Suspense>
            <PendingList question={beginning.pending} />
          </Suspense>
        )}
        <Composer
          ref={composer}
          key={isTemporary ? 'temporary' : 'kept'}
          draftKey={isTemporary ? null : 'new'}
          isRunning={false}
          isStopping={false}
          onStop={() => undefined}
          onSend={beginning.begin}
          blindNotice={
            seen.isBlind ? (
              <BlindNotice modelName={seen.modelName} model={lastModel} onModelChange={setLastModel} />
            ) : null
          }
          above={<SendProblem problem={beginning.problem} onClose={beginning.forgetProblem} />}
        />
      </DropZone>
      <ParameterPanel
        open={isPanelOpen}
        onOpenChange={setPanelOpen}
        model={lastModel}
        value={chosen.parameters}
        onChange={(parameters) => setChosen((before) => ({ ...before, parameters: { ...parameters } }))}
        systemPrompt={chosen.systemPrompt}
        onSystemPromptChange={(systemPrompt) => setChosen((before) => ({ ...before, systemPrompt }))}
        onModelChange={setLastModel}
      />
    </div>
  )
}
