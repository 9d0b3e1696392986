import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useMemo } from 'react'
import type { Message, SentRequest } from '../../api/conversation-types'
import { sentRequestQuery } from '../../api/conversations'
import { useTranslation } from '../../i18n/use-translation'
import { duration, money, wholeNumber } from '../../lib/format'
import { exactTime } from '../../lib/relative-time'
import { CopyButton } from '../../ui/copy-button'
import { Failure } from '../../ui/failure'
import { SkeletonRows } from '../../ui/skeleton'
import { speed } from './answer-figures'
import { AttemptTimeline } from './attempt-timeline'

/** What was sent for an answer, and what happened then: loaded when somebody asks. */
export function AnswerStory({ message }: { message: Message }) {
  const { t } = useTranslation('answer')
  const query = useQuery(sentRequestQuery(message.conversation_id, message.id))
  return (
    <div className="grid gap-6">
      <Figures message={message} />
      {query.isPending && <SkeletonRows label={t('details.loading')} />}
      {query.isError && (
        <Failure title={t('details.failed')} error={query.error} onRetry={() => void query.refetch()} />
      )}
      {query.isSuccess && <Sent sent={query.data} />}
    </div>
  )
}

function Figures({ message: { usage, timings, cost_usd: cost, finish_reason, error } }: { message: Message }) {
  const { t, i18n } = useTranslation('answer')
  const count = (value: number) => wholeNumber(value, i18n.language)
  const time = (ms: number) => duration(ms, i18n.language)
  return (
    <dl className="grid grid-cols-[auto_1fr] gap-x-6 gap-y-1.5 text-14 tabular-nums">
      {usage !== null && usage.source !== 'absent' && (
        <>
          <Figure name={t('details.promptTokens')}>{count(usage.prompt_tokens)}</Figure>
          <Figure name={t('details.answerTokens')}>{count(usage.completion_tokens)}</Figure>
          {usage.reasoning_tokens > 0 && (
            <Figure name={t('details.reasoningTokens')}>{count(usage.reasoning_tokens)}</Figure>
          )}
          {usage.source === 'estimated' && <Figure name={t('details.counted')}>{t('details.estimated')}</Figure>}
        </>
      )}
      {timings !== null && (
        <>
          {timings.first_token_ms !== null && (
            <Figure name={t('details.firstToken')}>{time(timings.first_token_ms)}</Figure>
          )}
          {timings.tokens_per_second !== null && (
            <Figure name={t('details.speed')}>
              {t('figures.speed', { speed: speed(timings.tokens_per_second, i18n.language) })}
            </Figure>
          )}
          <Figure name={t('details.total')}>{time(timings.total_ms)}</Figure>
          <Figure name={t('details.overhead')}>{time(timings.overhead_ms)}</Figure>
        </>
      )}
      {cost !== null && (
        <Figure name={t('details.cost')}>{cost === 0 ? t('figures.free') : money(cost, i18n.language)}</Figure>
      )}
      {finish_reason !== null && <Figure name={t('details.finishReason')}>{finish_reason}</Figure>}
      {error !== null && <Figure name={t('details.requestId')}>{error.request_id}</Figure>}
    </dl>
  )
}

function Figure({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-muted">{name}</dt>
      <dd className="min-w-0 wrap-anywhere">{children}</dd>
    </>
  )
}

/** More than this is not drawn; copying takes all of it. */
const SHOWN_CHARACTERS = 100_000

function Sent({ sent }: { sent: SentRequest }) {
  const { t, i18n } = useTranslation('answer')
  const body = useMemo(() => JSON.stringify(sent.body, null, 2), [sent])
  return (
    <>
      {sent.attempts.length > 0 && (
        <section className="grid gap-3">
          <h3 className="font-semibold text-14">{t('details.happened')}</h3>
          <AttemptTimeline attempts={sent.attempts} />
        </section>
      )}
      <section className="grid gap-2">
        <div className="flex items-center justify-between gap-2">
          <h3 className="font-semibold text-14">{t('details.sent')}</h3>
          <CopyButton text={body} label={t('details.copyRequest')} />
        </div>
        <p className="text-13 text-muted">
          <code className="wrap-anywhere">POST {sent.url}</code> · {exactTime(new Date(sent.sent_at), i18n.language)}
        </p>
        {sent.dropped.length > 0 && (
          <p className="text-13 text-muted">
            {t('details.dropped')} <code>{sent.dropped.join(', ')}</code>
          </p>
        )}
        <pre className="overflow-x-auto rounded-card border border-line bg-surface-0 p-3 text-12 leading-5">
          {body.slice(0, SHOWN_CHARACTERS)}
          {body.length > SHOWN_CHARACTERS && `\n${t('details.cut')}`}
        </pre>
      </section>
    </>
  )
}
