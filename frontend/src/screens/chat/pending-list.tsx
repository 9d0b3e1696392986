import type { Message } from '../../api/conversation-types'
import { useTranslation } from '../../i18n/use-translation'
import { LaterMessageList } from './later-message-list'
import type { MessageActs } from './message-acts'
import { Question } from './question'

const NONE: MessageActs = {
  switchBranch: () => undefined,
  resend: async () => false,
  setEditing: () => undefined,
  regenerate: () => undefined,
  proceed: () => undefined,
  remove: () => undefined,
  rate: () => undefined,
  openDetails: () => undefined,
  testProvider: () => undefined,
}

/** The first question while its conversation is made, where it will stand in it. */
export function PendingList({ question }: { question: Message }) {
  const { t } = useTranslation('chat')
  return (
    <LaterMessageList
      label={t('messages')}
      messages={[question]}
      keyOf={({ id }) => id}
      nameOf={() => t('you')}
      onFarFromEnd={() => undefined}
      renderMessage={(message) => <Question message={message} isEditing={false} number={1} count={1} acts={NONE} />}
    />
  )
}
