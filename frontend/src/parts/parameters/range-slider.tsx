import { useTranslation } from '../../i18n/use-translation'
import { Slider } from '../../ui/slider'
import type { RangeControl } from './controls'
import { sliderScale } from './slider-scale'

interface RangeSliderProps {
  control: RangeControl
  label: string
  value: number | null
  onChange: (value: number) => void
}

/** Where nothing is set, its thumb stands, greyed, at the default, or at the end where the model has no limit of its own. */
export function RangeSlider({ control, label, value, onChange }: RangeSliderProps) {
  const { t } = useTranslation('parameters')
  const scale = sliderScale(control)
  const fallback = typeof control.fallback === 'number' ? control.fallback : control.max
  const shown = value ?? fallback
  const words = value === null && control.fallback === null ? t('auto') : String(shown)
  return (
    <div className="-my-2">
      <Slider
        label={label}
        min={0}
        max={scale.last}
        step={1}
        value={scale.positionOf(shown)}
        valueText={words}
        unset={value === null}
        onChange={(position) => onChange(scale.valueAt(position))}
      />
    </div>
  )
}
