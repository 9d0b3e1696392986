// Providers for tests: everything filled in, only what matters said.
import type { LadderReport, Preset, Provider } from '../../api/providers'

export function providerOf(slug: string, fields: Partial<Provider> = {}): Provider {
  return {
    id: slug,
    slug,
    name: slug,
    provider: 'openai_compatible',
    preset: null,
    base_url: 'https://models.example/v1',
    scope: 'shared',
    owner_id: null,
    enabled: true,
    is_default: false,
    is_active: false,
    cable: 1,
    has_api_key: false,
    model: null,
    models: { chat: null, vision: null, embedding: null },
    options: {},
    acts: [],
    load_options: [],
    temperature: null,
    max_tokens: null,
    max_concurrency: null,
    connection_timeout: 5,
    first_token_timeout: 120,
    idle_timeout: 60,
    request_timeout: 600,
    proxy_url: null,
    ca_pem: null,
    extra_headers: [],
    status: { state: 'ok', since: null, checked_at: null, latency_ms: null, message: null },
    version: 1,
    created_at: '2026-11-21T10:00:00Z',
    updated_at: '2026-11-21T10:00:00Z',
    ...fields,
  }
}

export function presetOf(id: string, fields: Partial<Preset> = {}): Preset {
  return {
    id,
    label: id,
    base_url: '',
    provider: 'openai_compatible',
    needs_key: false,
    help: '',
    docs_url: '',
    ...fields,
  }
}

/** A test that passed, unless said otherwise. */
export function reportOf(fields: Partial<LadderReport> = {}): LadderReport {
  return { ok: true, message: 'It answers.', diagnosis: 'ok', repair: null, steps: [], ...fields }
}
