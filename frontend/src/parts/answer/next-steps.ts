// Which next steps help when an answer failed, by the stable code of its error. The words for a code: use-problem-words.ts.

export type NextStep = 'retry' | 'otherModel' | 'testProvider'

const STEPS: Record<string, readonly NextStep[]> = {
  provider_unreachable: ['retry', 'testProvider', 'otherModel'],
  provider_timeout: ['retry', 'testProvider', 'otherModel'],
  provider_auth_failed: ['testProvider', 'otherModel'],
  provider_protocol: ['retry', 'testProvider', 'otherModel'],
  provider_error: ['retry', 'otherModel'],
  stream_cut: ['retry', 'otherModel'],
  provider_rate_limited: ['retry', 'otherModel'],
  provider_quota: ['otherModel'],
  rate_limited: ['retry'],
  budget_exceeded: [],
  model_busy: ['retry', 'otherModel'],
  no_provider: ['retry', 'otherModel'],
  model_not_found: ['otherModel'],
  model_not_allowed: ['otherModel'],
  ambiguous_model: ['otherModel'],
  capability_not_supported: ['otherModel'],
  context_length_exceeded: ['otherModel'],
  parameter_not_supported: ['otherModel'],
  draining: ['retry'],
  internal: ['retry'],
}

/** In the order of their promise; a failure that this page does not know may be tried again or elsewhere. */
export function nextStepsOf(code: string): readonly NextStep[] {
  return STEPS[code] ?? ['retry', 'otherModel']
}
