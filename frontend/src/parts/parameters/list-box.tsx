import { X } from 'lucide-react'
import { type KeyboardEvent, useState } from 'react'
import { useTranslation } from '../../i18n/use-translation'
import { Input } from '../../ui/input'
import { escaped, textsOf, unescaped } from './texts'

interface ListBoxProps {
  id: string
  describedBy: string
  max: number | null
  /** A text or several. */
  value: unknown
  onChange: (value: string[] | undefined) => void
}

/** Texts as tags: Enter adds one, Backspace in the empty field takes the last one back. */
export function ListBox({ id, describedBy, max, value, onChange }: ListBoxProps) {
  const { t } = useTranslation('parameters')
  const [draft, setDraft] = useState('')
  const texts = textsOf(value)
  const isFull = max !== null && texts.length >= max
  const keep = (next: string[]) => onChange(next.length === 0 ? undefined : next)
  const add = () => {
    const text = unescaped(draft)
    setDraft('')
    if (text !== '' && !texts.includes(text)) keep([...texts, text])
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return
    if (event.key === 'Enter') {
      event.preventDefault()
      add()
    } else if (event.key === 'Backspace' && draft === '' && texts.length > 0) {
      keep(texts.slice(0, -1))
    }
  }
  return (
    <div className="grid gap-1.5">
      {texts.length > 0 && (
        <ul className="flex flex-wrap gap-1">
          {texts.map((text) => (
            <li
              key={text}
              className="flex max-w-full items-center gap-1 rounded-control bg-surface-2 pl-2 font-mono text-13"
            >
              <span className="truncate whitespace-pre">{escaped(text)}</span>
              <button
                type="button"
                aria-label={t('remove', { name: escaped(text) })}
                onClick={() => keep(texts.filter((one) => one !== text))}
                className="grid size-7 place-items-center rounded-control text-muted hover:text-text pointer-coarse:size-11"
              >
                <X aria-hidden="true" className="size-3.5" />
              </button>
            </li>
          ))}
        </ul>
      )}
      <Input
        id={id}
        aria-describedby={describedBy}
        disabled={isFull}
        placeholder={isFull ? t('stop.full', { count: max }) : t('stop.add')}
        value={draft}
        onChange={(event) => setDraft(event.target.value)}
        onKeyDown={onKeyDown}
        onBlur={add}
      />
    </div>
  )
}
