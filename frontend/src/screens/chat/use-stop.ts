import { useState } from 'react'
import type { Message } from '../../api/conversation-types'
import { stopGeneration } from '../../api/generations'
import { useTranslation } from '../../i18n/use-translation'
import { useToast } from '../../ui/toast'

export interface Stopping {
  /** The answer at the end of the shown branch is being written. */
  isRunning: boolean
  isStopping: boolean
  stop(): void
}

export function useStop(leaf: Message | undefined): Stopping {
  const { t } = useTranslation('chat')
  const show = useToast()
  const [asked, setAsked] = useState<string | null>(null)
  const generation = leaf?.status === 'streaming' ? leaf.generation_id : null
  return {
    isRunning: generation !== null,
    isStopping: generation !== null && asked === generation,
    stop() {
      if (generation === null || asked === generation) return
      setAsked(generation)
      stopGeneration(generation).catch(() => {
        setAsked(null)
        show({ text: t('notStopped'), tone: 'bad' })
      })
    },
  }
}
