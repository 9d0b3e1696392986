// Between a range's values and the positions of its slider.
import type { RangeControl } from './controls'

const GEOMETRIC_POSITIONS = 200

export interface SliderScale {
  /** Positions are 0 … `last`. */
  last: number
  valueAt(position: number): number
  positionOf(value: number): number
}

export function sliderScale(control: RangeControl): SliderScale {
  return control.geometric ? byFactors(control) : bySteps(control)
}

function bySteps({ from, max, step }: RangeControl): SliderScale {
  const last = Math.round((max - from) / step)
  // 0.1 × 3 is not 0.3 in binary.
  const digits = step < 0.1 ? 2 : step < 1 ? 1 : 0
  return {
    last,
    valueAt: (position) => Number(Math.min(max, from + position * step).toFixed(digits)),
    positionOf: (value) => within(Math.round((value - from) / step), last),
  }
}

function byFactors({ from, max }: RangeControl): SliderScale {
  const last = GEOMETRIC_POSITIONS
  const growth = Math.log(max / from)
  return {
    last,
    valueAt(position) {
      if (position >= last) return max
      return position <= 0 ? from : within(rounded(from * Math.exp((growth * position) / last)), max, from)
    },
    positionOf: (value) => within(Math.round((Math.log(Math.max(value, from) / from) / growth) * last), last),
  }
}

/** Two digits that count: 1,247 is of no more use than 1,200. */
function rounded(value: number): number {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(value)) - 1)
  return Math.round(value / unit) * unit
}

function within(value: number, max: number, min = 0): number {
  return Math.min(max, Math.max(min, value))
}
