// What one event makes of a message. Pure: chat and compare build every running answer with it.
import type { GenerationEvent, Message, NumberedEvent, ToolCall } from '../../api/conversation-types'

/** The message after these events, in order; events that it already contains are left out. */
export function advanceAll(message: Message, events: readonly NumberedEvent[]): Message {
  let next = message
  for (const { number, event } of events) {
    if (event.type === 'snapshot') next = event.message
    else if (number > next.last_event) next = { ...advance(next, event), last_event: number }
  }
  return next
}

export function advance(message: Message, event: GenerationEvent): Message {
  switch (event.type) {
    case 'start':
      return { ...message, model: event.model, provider: event.provider }
    case 'progress':
      return message
    case 'delta':
      return { ...message, content: message.content + event.text }
    case 'reasoning':
      return { ...message, reasoning: (message.reasoning ?? '') + event.text }
    case 'tool_call':
      return { ...message, tool_calls: withPart(message.tool_calls, event) }
    case 'usage': {
      const { type: _, ...usage } = event
      return { ...message, usage }
    }
    case 'done':
      return {
        ...message,
        status: event.finish_reason === 'stopped' ? 'stopped' : 'done',
        finish_reason: event.finish_reason,
        usage: event.usage ?? message.usage,
        timings: event.timings,
        cost_usd: event.cost_usd,
        model: event.model,
        provider: event.provider,
      }
    case 'error': {
      const { type: _, ...error } = event
      return { ...message, status: 'failed', error }
    }
    case 'snapshot':
      return event.message
  }
}

/** Arguments arrive in pieces, id and name once. */
function withPart(calls: ToolCall[], part: Extract<GenerationEvent, { type: 'tool_call' }>): ToolCall[] {
  const known = calls.find((call) => call.index === part.index)
  if (known === undefined) {
    const call = { index: part.index, id: part.id, name: part.name ?? '', arguments: part.arguments ?? '' }
    return [...calls, call].sort((one, other) => one.index - other.index)
  }
  const joined = {
    ...known,
    id: known.id ?? part.id,
    name: known.name || (part.name ?? ''),
    arguments: known.arguments + (part.arguments ?? ''),
  }
  return calls.map((call) => (call === known ? joined : call))
}
