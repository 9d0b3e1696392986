import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { NewKey } from '../../api/keys'
import { modelQueries } from '../../api/models'
import { useTranslation } from '../../i18n/use-translation'
import { atGateway } from '../../lib/gateway-url'
import { Button } from '../../ui/button'
import { CopyButton } from '../../ui/copy-button'
import { Dialog } from '../../ui/dialog'
import { Tabs } from '../../ui/tabs'
import { curlSnippet, javascriptSnippet, pythonSnippet } from './snippets'
import { usableModel } from './usable-model'

const LOOK_AGAIN_MS = 2000

/** The one time that a key is shown, with calls that work at once. */
export function KeyShown({ made, onClose }: { made: NewKey | null; onClose: () => void }) {
  const { t } = useTranslation('keys')
  const [wantsToLeave, setWantsToLeave] = useState(false)
  const leave = () => {
    setWantsToLeave(false)
    onClose()
  }
  if (made === null || made.key === '') return null
  return (
    <Dialog
      open
      onOpenChange={() => setWantsToLeave(true)}
      size="large"
      title={t('shown.title', { name: made.name })}
      description={t('shown.text')}
      actions={
        wantsToLeave ? (
          <>
            <p role="alert" className="mr-auto self-center">
              {t('shown.sure')}
            </p>
            <Button onClick={() => setWantsToLeave(false)}>{t('shown.stay')}</Button>
            <Button look="primary" onClick={leave}>
              {t('shown.leave')}
            </Button>
          </>
        ) : (
          <Button look="primary" onClick={leave}>
            {t('shown.done')}
          </Button>
        )
      }
    >
      <div className="grid grid-cols-1 gap-5">
        <div className="flex items-center gap-2 rounded-card border border-line bg-surface-0 py-1.5 pr-2 pl-4">
          <code className="min-w-0 grow break-all font-mono text-14">{made.key}</code>
          <CopyButton text={made.key} label={t('shown.copy')} look="text" size="normal" />
        </div>
        <Snippets made={made} />
      </div>
    </Dialog>
  )
}

function Snippets({ made }: { made: NewKey }) {
  const { t } = useTranslation('keys')
  // A provider that was added just now may still be asked for its models.
  const { data } = useQuery({
    ...modelQueries.list(),
    refetchInterval: ({ state }) => (usableModel(state.data, made.models) === null ? LOOK_AGAIN_MS : false),
  })
  const model = usableModel(data, made.models)
  if (model === null) return <p className="text-muted">{t('shown.noModel')}</p>
  const call = { gateway: atGateway('').replace(/\/+$/, ''), key: made.key, model }
  const tabs = [
    { value: 'curl', label: 'curl', text: curlSnippet(call) },
    { value: 'python', label: 'Python', text: pythonSnippet(call) },
    { value: 'javascript', label: 'JavaScript', text: javascriptSnippet(call) },
  ]
  return (
    <Tabs
      label={t('shown.languages')}
      tabs={tabs.map(({ value, label, text }) => ({ value, label, content: <Snippet text={text} /> }))}
    />
  )
}

function Snippet({ text }: { text: string }) {
  const { t } = useTranslation('keys')
  return (
    <div className="relative rounded-card border border-line bg-surface-0">
      <div className="absolute top-1.5 right-1.5 bg-surface-0">
        <CopyButton text={text} label={t('shown.copySnippet')} />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable with keys */}
      <pre tabIndex={0} className="overflow-x-auto p-4 pr-12 font-mono text-13">
        {text}
      </pre>
    </div>
  )
}
