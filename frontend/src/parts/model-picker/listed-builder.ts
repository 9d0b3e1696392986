// Lists of models for tests: everything filled in, only what matters said.
import type { Schemas } from '../../api/client'
import type { Listing, Model, Parameter } from '../../api/models'

export function modelOf(id: string, fields: Partial<Model> = {}): Model {
  const [provider = '', ...rest] = id.split('/')
  const modelId = rest.join('/')
  return {
    id,
    model_id: modelId,
    name: modelId,
    provider,
    type: 'llm',
    arch: null,
    quantization: null,
    state: 'remote',
    max_context_length: null,
    loaded_context_length: null,
    capabilities: ['chat'],
    max_output_tokens: null,
    size_bytes: null,
    memory_estimate_bytes: null,
    acts: [],
    instances: [],
    time_to_live: null,
    loads_on_use: null,
    operation: null,
    owned_by: null,
    reads_images: null,
    parameters: [],
    ...fields,
  }
}

export function parameterOf(name: string, fields: Partial<Parameter> = {}): Parameter {
  return {
    name,
    type: 'number',
    minimum: null,
    maximum: null,
    choices: null,
    default: null,
    treatment: 'sent',
    sent_as: null,
    ...fields,
  }
}

type Listed = Schemas['ModelListOut']

/** Every model's provider answers and was asked just now, unless said otherwise. */
export function listedOf(models: Model[], fields: Partial<Listed> = {}): Listed {
  const slugs = [...new Set(models.map((model) => model.provider))]
  return {
    models,
    aliases: [],
    defaults: { chat: null, vision: null, embedding: null },
    provider: null,
    providers: slugs.map((slug) => listingOf(slug)),
    ...fields,
  }
}

export function listingOf(slug: string, fields: Partial<Listing> = {}): Listing {
  return {
    slug,
    name: slug,
    provider: 'openai_compatible',
    cable: 1,
    is_default: false,
    state: 'ok',
    since: null,
    age_s: 0,
    error: null,
    ...fields,
  }
}
