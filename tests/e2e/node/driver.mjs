// Makes the calls it reads from standard input with OpenAI's Node SDK; their results are one JSON array on standard output.
import { readFileSync } from 'node:fs'
import OpenAI, { APIError } from 'openai'

const { baseURL, calls } = JSON.parse(readFileSync(0, 'utf8'))

// Each takes a client and the parameters; a stream's result is the list of its chunks.
const actions = {
  chat: (sdk, params) => sdk.chat.completions.create(params),
  chatStream: async (sdk, params) => collected(await sdk.chat.completions.create({ ...params, stream: true })),
  completion: (sdk, params) => sdk.completions.create(params),
  completionStream: async (sdk, params) => collected(await sdk.completions.create({ ...params, stream: true })),
  embeddings: (sdk, params) => sdk.embeddings.create(params),
  models: async (sdk) => collected(await sdk.models.list()),
  model: (sdk, { id }) => sdk.models.retrieve(id),
  delete: (sdk, { path }) => sdk.delete(path),
}

async function collected(pieces) {
  const found = []
  for await (const piece of pieces) found.push(piece)
  return found
}

async function result({ action, params, key, base, timeoutMs }) {
  const sdk = new OpenAI({ baseURL: base ?? baseURL, apiKey: key, maxRetries: 0, timeout: timeoutMs ?? 60_000 })
  try {
    return { ok: await actions[action](sdk, params) }
  } catch (error) {
    if (!(error instanceof APIError)) throw error
    const { status, type, param, code, message } = error
    const names = ['x-request-id', 'retry-after']
    const headers = Object.fromEntries(names.map((name) => [name, error.headers?.get(name) ?? null]))
    return { error: { class: error.constructor.name, status, type, param, code, message, headers } }
  }
}

const results = []
for (const call of calls) results.push(await result(call))
process.stdout.write(JSON.stringify(results))
