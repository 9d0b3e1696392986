import { useId, useState } from 'react'
import { useTranslation } from '../../i18n/use-translation'
import { Input } from '../../ui/input'
import { Select } from '../../ui/select'
import { Switch } from '../../ui/switch'
import { ControlFrame } from './control-frame'
import type { Control } from './controls'
import { JsonBox } from './json-box'
import { ListBox } from './list-box'
import { NumberBox } from './number-box'
import { choiceWord, wordsOf } from './parameter-words'
import { RangeSlider } from './range-slider'
import { SeedDice } from './seed-dice'

export interface ParameterControlProps {
  control: Control
  value: unknown
  /** `undefined` goes back to the default. */
  onChange: (value: unknown) => void
}

/** One parameter of the kind of control that its declaration asks for. */
export function ParameterControl({ control, value, onChange }: ParameterControlProps) {
  const { t } = useTranslation('parameters')
  const id = useId()
  const [problem, setProblem] = useState<string | null>(null)
  const words = wordsOf(control.name, t)
  const isSet = value !== undefined && value !== null
  const frame = {
    words,
    noteId: `${id}-note`,
    isSet,
    problem,
    onReset: () => {
      setProblem(null)
      onChange(undefined)
    },
  }
  const described = { label: words.label, describedBy: frame.noteId, onProblem: setProblem }
  switch (control.kind) {
    case 'range':
    case 'number': {
      const number = typeof value === 'number' ? value : null
      const step = control.kind === 'range' ? control.step : 1
      const placeholder =
        control.fallback === null ? t(control.name === 'seed' ? 'random' : 'auto') : String(control.fallback)
      const box = (
        <NumberBox {...{ control, ...described, placeholder, step, onChange }} value={number} className="w-24" />
      )
      const dice = control.name === 'seed' && <SeedDice onRoll={onChange} />
      return (
        <ControlFrame
          {...frame}
          aside={
            <>
              {dice}
              {box}
            </>
          }
        >
          {control.kind === 'range' && <RangeSlider {...{ control, label: words.label, onChange }} value={number} />}
        </ControlFrame>
      )
    }
    case 'choice': {
      const fallback = control.fallback === null ? t('auto') : choiceWord(String(control.fallback), t)
      return (
        <ControlFrame
          {...frame}
          aside={
            <Select
              aria-label={words.label}
              className="w-40"
              value={isSet ? String(value) : undefined}
              placeholder={fallback}
              options={control.choices.map((choice) => ({ value: choice, label: choiceWord(choice, t) }))}
              onChange={onChange}
            />
          }
        />
      )
    }
    case 'switch':
      return (
        <ControlFrame
          {...frame}
          aside={
            <Switch
              hideLabel
              label={words.label}
              checked={Boolean(isSet ? value : control.fallback)}
              onChange={onChange}
            />
          }
        />
      )
    case 'list':
      return (
        <ControlFrame {...frame} htmlFor={id}>
          <ListBox {...{ id, describedBy: frame.noteId, max: control.max, value, onChange }} />
        </ControlFrame>
      )
    case 'text':
      return (
        <ControlFrame {...frame} htmlFor={id}>
          <Input
            id={id}
            aria-describedby={frame.noteId}
            placeholder={control.fallback === null ? t('auto') : String(control.fallback)}
            value={isSet ? String(value) : ''}
            onChange={(event) => onChange(event.target.value === '' ? undefined : event.target.value)}
          />
        </ControlFrame>
      )
    case 'json':
      return (
        <ControlFrame {...frame} htmlFor={id}>
          <JsonBox {...{ id, ...described, type: control.type, value, onChange }} />
        </ControlFrame>
      )
  }
}
