// Conversations out of files: Patchbay's own export, or ChatGPT's (conversations.json or the whole zip).
import { openOk, type Schemas } from './client'

export type Imported = Schemas['ImportedOut']

/** Rejects with `ApiError` when the file is none of these. */
export async function importConversations(file: File): Promise<Imported> {
  const body = new FormData()
  body.append('file', file)
  const response = await openOk('/api/v1/conversations/import', { method: 'POST', body })
  const { data } = (await response.json()) as Schemas['Success_ImportedOut_']
  return data
}
