import { Wrench } from 'lucide-react'
import type { ToolCall } from '../../api/conversation-types'
import { useTranslation } from '../../i18n/use-translation'
import { CopyButton } from '../../ui/copy-button'

/** What the model wants to have called: nobody calls it here, so it is only shown. */
export function AnswerTools({ calls }: { calls: readonly ToolCall[] }) {
  const { t } = useTranslation('answer')
  if (calls.length === 0) return null
  return (
    <ul className="my-2 grid gap-2">
      {calls.map((call) => (
        <li key={call.index} className="min-w-0 rounded-card border border-line bg-surface-1">
          <div className="flex items-center gap-2 py-1 pr-1 pl-3 text-13">
            <Wrench aria-hidden="true" className="size-4 shrink-0 text-muted" />
            <span className="text-muted">{t('toolCall')}</span>
            <code className="min-w-0 grow truncate text-13">{call.name}</code>
            <CopyButton text={call.arguments} label={t('copyArguments')} />
          </div>
          {call.arguments !== '' && (
            <pre className="max-h-72 overflow-auto border-line border-t px-3 py-2 text-13">
              {prettyJson(call.arguments)}
            </pre>
          )}
        </li>
      ))}
    </ul>
  )
}

/** Indented; as it came while it is not whole. */
export function prettyJson(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return text
  }
}
