// Names and one line each for the parameters that Patchbay knows; others keep the name that the provider gave them.
import type { TFunction } from '../../i18n/use-translation'

type Translate = TFunction<'parameters'>

export interface Words {
  label: string
  /** One line: what it does. */
  what: string | null
}

export function wordsOf(name: string, t: Translate): Words {
  switch (name) {
    case 'temperature':
      return { label: t('temperature.label'), what: t('temperature.what') }
    case 'max_tokens':
    case 'max_completion_tokens':
      return { label: t('maxTokens.label'), what: t('maxTokens.what') }
    case 'reasoning_effort':
      return { label: t('reasoningEffort.label'), what: t('reasoningEffort.what') }
    case 'top_p':
      return { label: t('topP.label'), what: t('topP.what') }
    case 'presence_penalty':
      return { label: t('presencePenalty.label'), what: t('presencePenalty.what') }
    case 'frequency_penalty':
      return { label: t('frequencyPenalty.label'), what: t('frequencyPenalty.what') }
    case 'stop':
      return { label: t('stop.label'), what: t('stop.what') }
    case 'seed':
      return { label: t('seed.label'), what: t('seed.what') }
    case 'top_k':
      return { label: t('topK.label'), what: t('topK.what') }
    case 'min_p':
      return { label: t('minP.label'), what: t('minP.what') }
    case 'repeat_penalty':
    case 'repetition_penalty':
      return { label: t('repeatPenalty.label'), what: t('repeatPenalty.what') }
    case 'response_format':
      return { label: t('responseFormat.label'), what: t('responseFormat.what') }
    case 'logit_bias':
      return { label: t('logitBias.label'), what: t('logitBias.what') }
    case 'tools':
      return { label: t('tools.label'), what: t('tools.what') }
    case 'tool_choice':
      return { label: t('toolChoice.label'), what: t('toolChoice.what') }
    case 'parallel_tool_calls':
      return { label: t('parallelToolCalls.label'), what: t('parallelToolCalls.what') }
    case 'ttl':
      return { label: t('ttl.label'), what: t('ttl.what') }
    default:
      return { label: name, what: null }
  }
}

/** How a choice is called: efforts have words, other vendors' values stay as they are. */
export function choiceWord(value: string, t: Translate): string {
  switch (value) {
    case 'none':
      return t('effort.none')
    case 'minimal':
      return t('effort.minimal')
    case 'low':
      return t('effort.low')
    case 'medium':
      return t('effort.medium')
    case 'high':
      return t('effort.high')
    case 'xhigh':
      return t('effort.xhigh')
    case 'max':
      return t('effort.max')
    case 'default':
      return t('effort.default')
    default:
      return value
  }
}
