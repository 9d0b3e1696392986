import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { Columns2, Plus } from 'lucide-react'
import { useState } from 'react'
import { ApiError } from '../../api/client'
import type { Message, Parameters } from '../../api/conversation-types'
import { createConversation, deleteConversation } from '../../api/conversations'
import { ask } from '../../api/generations'
import { useTranslation } from '../../i18n/use-translation'
import { useRemembered } from '../../lib/storage'
import { noteStarted } from '../../parts/conversation/note-started'
import { useLiveAnswers } from '../../parts/conversation/use-live-answers'
import { useCatalog } from '../../parts/model-picker/use-catalog'
import { Button } from '../../ui/button'
import { Empty } from '../../ui/empty'
import { CompareBody } from './compare-body'
import { CompareFrame } from './compare-frame'
import { FEWEST, lastCompared, MOST, nextModels, startColumns } from './start-columns'

const NO_MESSAGES: readonly Message[] = []
const NOTHING_TO_DO = () => {}
const NO_ACTS = {
  regenerate: NOTHING_TO_DO,
  stop: NOTHING_TO_DO,
  continueWith: NOTHING_TO_DO,
  openDetails: NOTHING_TO_DO,
  testProvider: null,
}

/** Choosing the models; the first question makes it a conversation. */
export function NewComparison() {
  const { t } = useTranslation('compare')
  const client = useQueryClient()
  const navigate = useNavigate()
  const { catalog } = useCatalog()
  const [last, keepLast] = useRemembered(lastCompared)
  const [chosen, setChosen] = useState<readonly string[] | null>(null)
  const [parameters, setParameters] = useState<Parameters>({})
  const [systemPrompt, setSystemPrompt] = useState<string | null>(null)
  const [problem, setProblem] = useState<ApiError | null>(null)
  const live = useLiveAnswers(NO_MESSAGES)
  const models = chosen ?? (catalog === null ? [] : startColumns(catalog, last))
  const columns = models.map((model) => ({ model, message_id: null }))

  async function begin(content: string): Promise<boolean> {
    setProblem(null)
    const compare = { columns }
    const made = await createConversation({ compare, parameters, system_prompt: systemPrompt }).catch(noteProblem)
    if (made === null) return false
    const asked = { content, parameters, compare: models.map((model) => ({ model, parent_id: null })) }
    const started = await ask(made.id, asked).catch(noteProblem)
    if (started === null) {
      // Nothing was asked: an empty conversation in the list would only puzzle.
      await deleteConversation(made.id, { permanent: true }).catch(noteProblem)
      return false
    }
    keepLast(models)
    noteStarted(client, started)
    await navigate({ to: '/compare/$conversationId', params: { conversationId: made.id } })
    return true
  }
  function noteProblem(error: unknown): null {
    if (!(error instanceof ApiError)) throw error
    setProblem(error)
    return null
  }

  return (
    <CompareFrame
      title={t('title')}
      model={models[0] ?? null}
      parameters={parameters}
      onParameters={setParameters}
      systemPrompt={systemPrompt}
      onSystemPrompt={setSystemPrompt}
      actions={
        models.length < MOST &&
        catalog !== null && (
          <Button look="ghost" onClick={() => setChosen(nextModels(catalog, models, models.length + 1))}>
            <Plus aria-hidden="true" className="size-4" />
            <span className="max-sm:sr-only">{t('addColumn')}</span>
          </Button>
        )
      }
    >
      <CompareBody
        columns={columns}
        turns={[]}
        live={live}
        acts={NO_ACTS}
        onModel={(index, model) => setChosen(models.map((one, at) => (at === index ? model : one)))}
        onRemove={models.length > FEWEST ? (index) => setChosen(models.filter((_, at) => at !== index)) : undefined}
        empty={
          <Empty icon={<Columns2 />} title={t('empty.title')}>
            {t('empty.text')}
          </Empty>
        }
        problem={problem}
        isRunning={false}
        onSend={begin}
        onStopAll={NOTHING_TO_DO}
      />
    </CompareFrame>
  )
}
