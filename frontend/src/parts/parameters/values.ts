// A conversation's values: which are set, which of them a model does not take. Pure.
import type { Model, Parameter } from '../../api/models'
import { type Controls, isTaken } from './controls'

export type Values = Readonly<Record<string, unknown>>

/** The value set; `undefined` takes it back, so that the model's own default counts again. */
export function withValue(values: Values, name: string, value: unknown): Values {
  const { [name]: _, ...others } = values
  return value === undefined ? others : { ...others, [name]: value }
}

export function isSet(values: Values, name: string): boolean {
  return values[name] !== undefined && values[name] !== null
}

export interface Leftover {
  name: string
  value: unknown
  /** The model does not take it, or it has no control here and is passed on as it is. */
  why: 'notTaken' | 'passedOn'
}

/** Values without a control, in the order of their names. */
export function leftovers(model: Model, controls: Controls, values: Values): Leftover[] {
  const shown = new Set([...controls.main, ...controls.further].map((control) => control.name))
  const declared = new Map(model.parameters.map((parameter) => [parameter.name, parameter]))
  return Object.keys(values)
    .filter((name) => isSet(values, name) && !shown.has(name))
    .sort()
    .map((name) => ({ name, value: values[name], why: reason(declared.get(name)) }))
}

function reason(parameter: Parameter | undefined): Leftover['why'] {
  return parameter === undefined || isTaken(parameter) ? 'passedOn' : 'notTaken'
}

/** How many things a conversation sets that its model hears of; what is not taken does not count. */
export function changedCount(model: Model | null, values: Values, systemPrompt: string | null): number {
  const dropped = new Set((model?.parameters ?? []).filter((one) => !isTaken(one)).map((one) => one.name))
  const set = Object.keys(values).filter((name) => isSet(values, name) && !dropped.has(name))
  return set.length + (systemPrompt?.trim() ? 1 : 0)
}

/** About how many tokens a text has: four letters each, or one sign of a script without spaces. */
export function estimatedTokens(text: string): number {
  const dense = text.match(/[\u1100-\u11ff\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff]/g)?.length ?? 0
  return Math.ceil((text.length - dense) / 4 + dense)
}

/** What a preset keeps. */
export interface Settings {
  parameters: Values
  system_prompt: string | null
}

/** Whether applying `preset` would change nothing. */
export function sameSettings(preset: Settings, now: Settings): boolean {
  const isSamePrompt = preset.system_prompt === null || preset.system_prompt === now.system_prompt
  return isSamePrompt && ordered(preset.parameters) === ordered(now.parameters)
}

function ordered(values: Values): string {
  return JSON.stringify(Object.entries(values).sort(([one], [other]) => (one < other ? -1 : 1)))
}
