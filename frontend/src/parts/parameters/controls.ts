// Which controls a model's declared parameters make, with their bounds. Pure.
import type { Model, Parameter } from '../../api/models'

interface Named {
  name: string
  /** What the model takes where nothing is set; null where it decides itself. */
  fallback: unknown
}

export interface RangeControl extends Named {
  kind: 'range'
  /** What may be typed. */
  min: number
  max: number
  /** Where the slider begins; its end is `max`. */
  from: number
  step: number
  whole: boolean
  /** Positions grow by factors, for ranges in which equal steps are of no use. */
  geometric: boolean
}

export interface NumberControl extends Named {
  kind: 'number'
  min: number | null
  max: number | null
  whole: boolean
}

export interface ChoiceControl extends Named {
  kind: 'choice'
  choices: readonly string[]
}

export interface ListControl extends Named {
  kind: 'list'
  /** How many entries; null where nobody says. */
  max: number | null
}

export interface JsonControl extends Named {
  kind: 'json'
  /** `object`, `array` or `any`. */
  type: string
}

export interface PlainControl extends Named {
  kind: 'switch' | 'text'
}

export type Control = RangeControl | NumberControl | ChoiceControl | ListControl | JsonControl | PlainControl

export interface Controls {
  /** In the order in which people need them. */
  main: readonly Control[]
  /** The rest, for those who know what they do. */
  further: readonly Control[]
}

/** Most useful first; everything else that a model declares comes after these. */
const MAIN = [
  'temperature',
  'max_tokens',
  'max_completion_tokens',
  'reasoning_effort',
  'top_p',
  'presence_penalty',
  'frequency_penalty',
  'stop',
  'seed',
  'top_k',
  'min_p',
  'repeat_penalty',
  'repetition_penalty',
]

/** A conversation shows one answer per turn, without its tokens' odds, and the gateway says itself who asks. */
const NOT_IN_A_CHAT = new Set(['n', 'logprobs', 'top_logprobs', 'user', 'stream'])

const FEWEST_TOKENS = 100
const MOST_TOKENS = 4000

export function controlsOf(model: Model): Controls {
  const controls = taken(model).map((parameter) => controlOf(parameter, model))
  const rank = (control: Control) => MAIN.indexOf(control.name)
  return {
    main: controls.filter((one) => rank(one) >= 0).sort((one, other) => rank(one) - rank(other)),
    further: controls.filter((one) => rank(one) < 0).sort((one, other) => one.name.localeCompare(other.name)),
  }
}

export function isTaken(parameter: Parameter): boolean {
  return parameter.treatment === 'sent' || parameter.treatment === 'renamed'
}

/** Two names of one limit are one control, and its name the one that other models know too. */
function taken(model: Model): Parameter[] {
  const parameters = model.parameters.filter((one) => isTaken(one) && !NOT_IN_A_CHAT.has(one.name))
  const hasShorter = parameters.some((one) => one.name === 'max_tokens')
  return parameters.filter((one) => one.name !== 'max_completion_tokens' || !hasShorter)
}

function controlOf(parameter: Parameter, model: Model): Control {
  const named = { name: parameter.name, fallback: parameter.default ?? null }
  switch (parameter.type) {
    case 'number':
    case 'integer':
      return numeric(parameter, named, model)
    case 'boolean':
      return { ...named, kind: 'switch' }
    case 'string':
      return parameter.choices === null
        ? { ...named, kind: 'text' }
        : { ...named, kind: 'choice', choices: parameter.choices }
    case 'stop':
      return { ...named, kind: 'list', max: parameter.maximum }
    default:
      return { ...named, kind: 'json', type: parameter.type }
  }
}

function numeric(parameter: Parameter, named: Named, model: Model): RangeControl | NumberControl {
  const whole = parameter.type === 'integer'
  if (named.name === 'max_tokens' || named.name === 'max_completion_tokens') return lengthLimit(parameter, named, model)
  const { minimum: min, maximum: max } = parameter
  if (min === null || max === null) return { ...named, kind: 'number', min, max, whole }
  return { ...named, kind: 'range', min, max, from: min, step: stepOf(max - min, whole), whole, geometric: false }
}

function lengthLimit(parameter: Parameter, named: Named, model: Model): RangeControl {
  const room = model.max_output_tokens ?? model.loaded_context_length ?? model.max_context_length ?? MOST_TOKENS
  const max = parameter.maximum ?? room
  const min = Math.max(1, parameter.minimum ?? 1)
  const from = max > FEWEST_TOKENS ? Math.max(min, FEWEST_TOKENS) : min
  return { ...named, kind: 'range', min, max, from, step: 1, whole: true, geometric: max / from > 20 }
}

function stepOf(span: number, whole: boolean): number {
  if (whole) return 1
  return span <= 1 ? 0.01 : 0.05
}

export type NumberProblem = 'notANumber' | 'notWhole' | 'tooSmall' | 'tooLarge'

export function numberProblem(control: RangeControl | NumberControl, value: number): NumberProblem | null {
  if (!Number.isFinite(value)) return 'notANumber'
  if (control.whole && !Number.isSafeInteger(value)) return 'notWhole'
  if (control.min !== null && value < control.min) return 'tooSmall'
  return control.max !== null && value > control.max ? 'tooLarge' : null
}
