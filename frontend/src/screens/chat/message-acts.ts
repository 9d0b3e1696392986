import type { Attachment, Message } from '../../api/conversation-types'

/** What a reader can do with a message; the same object for the life of the screen, so that no row draws again. */
export interface MessageActs {
  /** Shows the branch before (-1) or after (+1) the one of this message. */
  switchBranch(message: Message, step: -1 | 1): void
  /** Asks the changed question on a branch of its own; whether it arrived. */
  resend(question: Message, text: string, attachments: readonly Attachment[]): Promise<boolean>
  setEditing(question: Message | null): void
  regenerate(answer: Message, model?: string): void
  /** Asks the model to go on where it ended. */
  proceed(): void
  remove(message: Message): void
  rate(answer: Message, feedback: Message['feedback']): void
  openDetails(answer: Message): void
  testProvider(slug: string): void
}

/** Where a message stands among those with the same parent: 1 of 3. */
export interface Branch {
  number: number
  count: number
}
