// Figures for tests: everything filled in, only what matters said.
import type { Figures, Group, Point, UsageRecord } from './usage'

type Sums = Omit<Point, 'at'>

function sumsOf(fields: Partial<Sums>): Sums {
  const counted = { attempts: 0, prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 }
  return {
    requests: 0,
    attempts: fields.requests ?? 0,
    errors: 0,
    failed_requests: 0,
    prompt_tokens: 0,
    completion_tokens: 0,
    total_tokens: 0,
    cached_tokens: 0,
    reasoning_tokens: 0,
    cost_usd: null,
    unpriced_attempts: 0,
    outcomes: {},
    first_token_ms: { p50: null, p95: null, p99: null },
    total_ms: { p50: null, p95: null, p99: null },
    token_sources: { provider: counted, estimated: counted, absent: counted },
    ...fields,
  }
}

export function figuresOf(fields: Partial<Figures> = {}): Figures {
  return { ...sumsOf(fields), from: '', to: '', group_by: null, groups: [], ...fields }
}

export function groupOf(key: string, fields: Partial<Group> = {}): Group {
  return { ...sumsOf(fields), key, label: key, ...fields }
}

export function pointOf(at: string, fields: Partial<Point> = {}): Point {
  return { ...sumsOf(fields), at }
}

/** An attempt that was answered. */
export function recordOf(id: string, fields: Partial<UsageRecord> = {}): UsageRecord {
  return {
    id,
    request_id: `req-${id}`,
    attempt: 1,
    face: 'openai_v1',
    task: 'chat',
    streamed: true,
    user_id: 'id-ada',
    key_id: null,
    model_asked: 'default',
    model: 'qwen',
    provider: 'studio',
    provider_id: 'studio',
    outcome: 'ok',
    started_at: '2026-11-21T10:00:00Z',
    first_token_ms: 120,
    total_ms: 2000,
    overhead_ms: 3,
    prompt_tokens: 10,
    completion_tokens: 32,
    total_tokens: 42,
    cached_tokens: 0,
    reasoning_tokens: 0,
    cost_usd: null,
    token_source: 'provider',
    ...fields,
  }
}
