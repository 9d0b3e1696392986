import { Suspense } from 'react'
import { lazyPart } from '../../lib/lazy-part'
import type { Values } from './values'

export interface ParameterPanelProps {
  open: boolean
  onOpenChange: (open: boolean) => void
  /** A canonical name or an alias; null means the default model. */
  model: string | null
  value: Values
  /** Called with every change, many times a second while a slider moves. */
  onChange: (value: Values) => void
  systemPrompt: string | null
  onSystemPromptChange: (text: string | null) => void
  /** Presets can bring their model; without this they don't. */
  onModelChange?: (id: string) => void
}

const ParameterSheet = lazyPart(() => import('./parameter-sheet').then((module) => module.ParameterSheet))

/** A side sheet beside the chat, a sheet from below on phones. Must stand in a flex row with what it leaves in use. */
export function ParameterPanel(props: ParameterPanelProps) {
  if (!props.open) return null
  return (
    <Suspense fallback={null}>
      <ParameterSheet {...props} />
    </Suspense>
  )
}
