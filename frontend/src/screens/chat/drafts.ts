// What was written and not sent, per person and conversation, in this browser.
import type { Attachment } from '../../api/conversation-types'

const PREFIX = 'pb.draft.'
const KEPT_MS = 30 * 24 * 3600 * 1000
/** The gateway removes attachments that no message uses after a day. */
const ATTACHMENTS_KEPT_MS = 20 * 3600 * 1000

export interface Draft {
  text: string
  attachments: readonly Attachment[]
}

interface Kept extends Draft {
  at: number
}

const EMPTY: Draft = { text: '', attachments: [] }

export interface Drafts {
  read(conversation: string): Draft
  write(conversation: string, draft: Draft): void
}

/** Drafts of one person; `storage` may be full or forbidden, then nothing is kept. */
export function draftsOf(userId: string, storage: Storage, now: () => number = Date.now): Drafts {
  const key = (conversation: string) => `${PREFIX}${userId}.${conversation}`
  return {
    read(conversation) {
      const kept = parsed(storage.getItem(key(conversation)))
      if (kept === null) return EMPTY
      return { text: kept.text, attachments: now() - kept.at > ATTACHMENTS_KEPT_MS ? [] : kept.attachments }
    },
    write(conversation, { text, attachments }) {
      if (text === '' && attachments.length === 0) return storage.removeItem(key(conversation))
      try {
        storage.setItem(key(conversation), JSON.stringify({ text, attachments, at: now() } satisfies Kept))
      } catch (error) {
        if (!(error instanceof DOMException)) throw error
      }
    },
  }
}

/** Removes drafts that nobody touched for a month. */
export function dropOldDrafts(storage: Storage, now: number): void {
  for (const key of Object.keys(storage)) {
    if (!key.startsWith(PREFIX)) continue
    const draft = parsed(storage.getItem(key))
    if (draft === null || now - draft.at > KEPT_MS) storage.removeItem(key)
  }
}

function parsed(text: string | null): Kept | null {
  if (text === null) return null
  try {
    const value: unknown = JSON.parse(text)
    return isKept(value) ? value : null
  } catch {
    // Not ours, or written by an older page.
    return null
  }
}

function isKept(value: unknown): value is Kept {
  return (
    value instanceof Object &&
    'text' in value &&
    typeof value.text === 'string' &&
    'attachments' in value &&
    Array.isArray(value.attachments) &&
    'at' in value
  )
}
