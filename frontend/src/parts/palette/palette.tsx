import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { Command } from 'cmdk'
import { MessageSquare, Search } from 'lucide-react'
import { Dialog } from 'radix-ui'
import { type ReactNode, useDeferredValue, useState } from 'react'
import { type SearchHit, searchQuery } from '../../api/search'
import { useTranslation } from '../../i18n/use-translation'
import { Kbd } from '../../ui/kbd'
import { Marked } from './marked'
import { type PaletteAct, usePaletteActs } from './use-palette-acts'

const ITEM =
  'target flex cursor-default items-center gap-3 rounded-control px-3 py-1.5 text-14 data-[selected=true]:bg-surface-2'

/** Every conversation and every act, by a few letters. */
export function Palette({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation('palette')
  const [text, setText] = useState('')
  const acts = usePaletteActs()
  const wanted = text.trim().toLowerCase()
  const shown = acts.filter((act) => wanted.split(/\s+/).every((word) => act.label.toLowerCase().includes(word)))
  return (
    <Dialog.Root open onOpenChange={onClose}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 animate-appear bg-overlay" />
        <Dialog.Content
          aria-describedby={undefined}
          className="fixed inset-x-2 top-2 z-50 mx-auto max-w-form animate-rise overflow-hidden rounded-card border border-line bg-surface-1 shadow-float outline-none sm:top-[12dvh]"
        >
          <Dialog.Title className="sr-only">{t('title')}</Dialog.Title>
          <Command shouldFilter={false} label={t('title')}>
            <div className="flex items-center gap-3 border-line border-b px-4">
              <Search aria-hidden="true" className="size-4 text-muted" />
              <Command.Input
                value={text}
                onValueChange={setText}
                placeholder={t('placeholder')}
                className="h-12 grow bg-transparent text-16 outline-none"
              />
            </div>
            <Command.List className="max-h-[min(60dvh,26rem)] overflow-y-auto p-2">
              <Hits text={wanted} onClose={onClose} />
              {shown.length > 0 && (
                <Group heading={t('acts')}>
                  {shown.map((act) => (
                    <ActItem key={act.id} act={act} onClose={onClose} />
                  ))}
                </Group>
              )}
            </Command.List>
          </Command>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  )
}

function ActItem({ act, onClose }: { act: PaletteAct; onClose: () => void }) {
  const { icon: Icon } = act
  return (
    <Command.Item
      value={act.id}
      onSelect={() => {
        onClose()
        act.run()
      }}
      className={ITEM}
    >
      <Icon aria-hidden="true" className="size-4 text-muted" />
      <span className="grow">{act.label}</span>
      {act.keys && <Kbd keys={act.keys} />}
    </Command.Item>
  )
}

function Hits({ text, onClose }: { text: string; onClose: () => void }) {
  const { t } = useTranslation('palette')
  const navigate = useNavigate()
  const asked = useDeferredValue(text)
  const { data, isError } = useQuery(searchQuery(asked))
  if (text === '') return null
  if (isError) return <p className="px-3 py-2 text-13 text-bad">{t('failed')}</p>
  if (data?.length === 0) return <p className="px-3 py-2 text-13 text-muted">{t('none')}</p>
  const open = (hit: SearchHit) => {
    onClose()
    void navigate({
      to: '/c/$conversationId',
      params: { conversationId: hit.conversation_id },
      search: hit.message_id === null ? {} : { m: hit.message_id },
    })
  }
  return (
    <Group heading={t('conversations')}>
      {data?.map((hit) => (
        <Command.Item
          key={hit.message_id ?? hit.conversation_id}
          value={hit.message_id ?? hit.conversation_id}
          onSelect={() => open(hit)}
          className={ITEM}
        >
          <MessageSquare aria-hidden="true" className="size-4 shrink-0 text-muted" />
          <span className="grid min-w-0 grow">
            <span className="truncate">{hit.title}</span>
            {hit.message_id !== null && (
              <span className="truncate text-13 text-muted">
                <Marked text={hit.snippet} marks={hit.marks} />
              </span>
            )}
          </span>
          {hit.archived && <span className="text-12 text-muted">{t('archived')}</span>}
        </Command.Item>
      ))}
    </Group>
  )
}

function Group({ heading, children }: { heading: string; children: ReactNode }) {
  return (
    <Command.Group
      heading={heading}
      className="**:[[cmdk-group-heading]]:px-3 **:[[cmdk-group-heading]]:pt-2 **:[[cmdk-group-heading]]:pb-1 **:[[cmdk-group-heading]]:text-12 **:[[cmdk-group-heading]]:text-muted"
    >
      {children}
    </Command.Group>
  )
}
