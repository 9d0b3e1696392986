// What stands in the form, and what of it is sent.
import type { Preset, Provider, ProviderChanges, ProviderDraft } from '../../api/providers'

export interface FormState {
  kind: string
  preset: string | null
  name: string
  baseUrl: string
  /** Empty keeps what is stored. */
  apiKey: string
  removesKey: boolean
  chat: string
  vision: string
  embedding: string
  cable: number | null
  enabled: boolean
  personal: boolean
  connectS: string
  firstTokenS: string
  idleS: string
  totalS: string
  maxTokens: string
  temperature: string
  maxConcurrency: string
  proxyUrl: string
  caPem: string
  /** A stored header's value is unknown here: empty keeps it. */
  headers: { name: string; value: string; isStored: boolean }[]
}

const BLANK: FormState = {
  kind: 'openai_compatible',
  preset: null,
  name: '',
  baseUrl: '',
  apiKey: '',
  removesKey: false,
  chat: '',
  vision: '',
  embedding: '',
  cable: null,
  enabled: true,
  personal: false,
  connectS: '',
  firstTokenS: '',
  idleS: '',
  totalS: '',
  maxTokens: '',
  temperature: '',
  maxConcurrency: '',
  proxyUrl: '',
  caPem: '',
  headers: [],
}

export function stateOfPreset(preset: Preset, address?: string): FormState {
  return {
    ...BLANK,
    kind: preset.provider,
    preset: preset.id,
    name: preset.id === 'custom' ? '' : preset.label,
    baseUrl: address ?? preset.base_url ?? '',
  }
}

export function stateOfProvider(provider: Provider): FormState {
  return {
    kind: provider.provider,
    preset: provider.preset,
    name: provider.name,
    baseUrl: provider.base_url ?? '',
    apiKey: '',
    removesKey: false,
    chat: provider.models.chat ?? '',
    vision: provider.models.vision ?? '',
    embedding: provider.models.embedding ?? '',
    cable: provider.cable,
    enabled: provider.enabled,
    personal: provider.scope === 'personal',
    connectS: String(provider.connection_timeout),
    firstTokenS: String(provider.first_token_timeout),
    idleS: String(provider.idle_timeout),
    totalS: String(provider.request_timeout),
    maxTokens: text(provider.max_tokens),
    temperature: text(provider.temperature),
    maxConcurrency: text(provider.max_concurrency),
    proxyUrl: provider.proxy_url ?? '',
    caPem: provider.ca_pem ?? '',
    headers: provider.extra_headers.map((name) => ({ name, value: '', isStored: true })),
  }
}

function text(value: number | null): string {
  return value === null ? '' : String(value)
}

function number(value: string): number | null {
  return value.trim() === '' ? null : Number(value)
}

/** Everything that the form says, as the gateway takes it. */
function fields(state: FormState): ProviderChanges {
  return {
    name: state.name.trim(),
    base_url: state.baseUrl.trim() || null,
    models: {
      chat: state.chat.trim() || null,
      vision: state.vision.trim() || null,
      embedding: state.embedding.trim() || null,
    },
    enabled: state.enabled,
    cable: state.cable,
    connection_timeout: number(state.connectS),
    first_token_timeout: number(state.firstTokenS),
    idle_timeout: number(state.idleS),
    request_timeout: number(state.totalS),
    max_tokens: number(state.maxTokens),
    temperature: number(state.temperature),
    max_concurrency: number(state.maxConcurrency),
    proxy_url: state.proxyUrl.trim() || null,
    ca_pem: state.caPem.trim() || null,
    extra_headers: Object.fromEntries(
      state.headers.filter((one) => one.name.trim()).map((one) => [one.name.trim(), one.value || null]),
    ),
  }
}

export function draftOf(state: FormState, mayShare: boolean): ProviderDraft {
  return {
    ...fields(state),
    provider: state.kind,
    preset: state.preset,
    name: state.name.trim(),
    api_key: state.apiKey.trim(),
    ...(mayShare && { scope: state.personal ? ('personal' as const) : ('shared' as const) }),
  }
}

/** Only what differs from `before`, so that a change made elsewhere in the meantime is not undone. */
export function changesOf(before: FormState, state: FormState): ProviderChanges {
  const old: Record<string, unknown> = { ...fields(before) }
  const changed = Object.entries(fields(state)).filter(
    ([name, value]) => JSON.stringify(value) !== JSON.stringify(old[name]),
  )
  const key = state.removesKey ? { api_key: null } : state.apiKey.trim() ? { api_key: state.apiKey.trim() } : {}
  return { ...(Object.fromEntries(changed) as ProviderChanges), ...key }
}

/** Whether a stored key would be left behind: it belongs to scheme, host and port that it was given for. */
export function losesKey(before: FormState, state: FormState): boolean {
  return origin(before.baseUrl) !== origin(state.baseUrl) && state.apiKey.trim() === ''
}

function origin(address: string): string {
  return URL.canParse(address) ? new URL(address).origin : address
}
