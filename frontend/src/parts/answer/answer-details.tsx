import { Suspense } from 'react'
import type { Message } from '../../api/conversation-types'
import { useTranslation } from '../../i18n/use-translation'
import { lazyPart } from '../../lib/lazy-part'
import { SideSheet } from '../../ui/side-sheet'
import { SkeletonRows } from '../../ui/skeleton'

const AnswerStory = lazyPart(() => import('./answer-story').then((module) => module.AnswerStory))

interface AnswerDetailsProps {
  /** Null: closed. */
  message: Message | null
  onClose: () => void
}

/** What was sent for an answer, and what happened then. */
export function AnswerDetails({ message, onClose }: AnswerDetailsProps) {
  const { t } = useTranslation('answer')
  return (
    <SideSheet open={message !== null} onOpenChange={onClose} title={t('details.title')} place="over">
      {message !== null && (
        <Suspense fallback={<SkeletonRows label={t('details.loading')} />}>
          <AnswerStory message={message} />
        </Suspense>
      )}
    </SideSheet>
  )
}
