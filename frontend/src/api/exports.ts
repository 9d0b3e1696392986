// Conversations as files.
import { openOk } from './client'
import type { Conversation } from './conversation-types'

/** Puts the export of one conversation among the browser's downloads. Rejects with `ApiError`. */
export async function downloadConversation(conversation: Conversation, format: 'md' | 'json'): Promise<void> {
  const response = await openOk(`/api/v1/conversations/${conversation.id}/export?format=${format}`)
  saveFile(await response.blob(), fileName(response) ?? `${conversation.id}.${format}`)
}

/** Every conversation in one file. */
export async function downloadAllConversations(): Promise<void> {
  const response = await openOk('/api/v1/conversations/export')
  saveFile(await response.blob(), fileName(response) ?? 'patchbay-conversations.json')
}

/** Hands a file to the browser's downloads. */
export function saveFile(file: Blob, name: string): void {
  const url = URL.createObjectURL(file)
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  // The download has its own hold on the file once it has begun.
  setTimeout(() => URL.revokeObjectURL(url), 60_000)
}

/** The name that the gateway gave the file. */
export function fileName(response: Response): string | undefined {
  const disposition = response.headers.get('Content-Disposition') ?? ''
  const encoded = /filename\*=UTF-8''([^;]+)/i.exec(disposition)?.[1]
  return encoded ? decodeURIComponent(encoded) : /filename="?([^";]+)"?/i.exec(disposition)?.[1]
}
