import { useRef } from 'react'
import { Input } from '../../ui/input'

interface InlineNameProps {
  label: string
  value: string
  onSave: (value: string) => void
  /** Called once it is over, saved or not. */
  onEnd: () => void
}

/** A name edited where it stands: Enter and leaving save, Escape does not. */
export function InlineName({ label, value, onSave, onEnd }: InlineNameProps) {
  const isOver = useRef(false)
  const end = (text: string | null) => {
    if (isOver.current) return
    isOver.current = true
    const name = text?.trim()
    if (name && name !== value) onSave(name)
    onEnd()
  }
  return (
    <Input
      aria-label={label}
      defaultValue={value}
      maxLength={200}
      autoFocus
      onFocus={(event) => event.target.select()}
      onBlur={(event) => end(event.target.value)}
      onKeyDown={(event) => {
        if (event.key === 'Enter') end(event.currentTarget.value)
        if (event.key === 'Escape') end(null)
      }}
      className="px-2.5"
    />
  )
}
