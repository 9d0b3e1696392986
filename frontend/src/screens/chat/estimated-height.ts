// How high a message will probably be, before it is drawn and measured: close enough for a steady scroll bar.
import type { Message } from '../../api/conversation-types'

const LINE_PX = 26
const CHARACTER_PX = 7.6
/** A fence or heading takes more room than its line; tables and lists take less: together this fits. */
const BLOCK_PX = 12
const ANSWER_FRAME_PX = 96
const QUESTION_FRAME_PX = 72
const PICTURE_PX = 176
const FILE_PX = 52
const QUESTION_WIDTH = 0.8

const known = new WeakMap<Message, { width: number; height: number }>()

/** Pixels, for a column of this width. */
export function estimatedHeight(message: Message, columnWidth: number): number {
  const before = known.get(message)
  if (before?.width === columnWidth) return before.height
  const height = estimate(message, columnWidth)
  known.set(message, { width: columnWidth, height })
  return height
}

function estimate(message: Message, columnWidth: number): number {
  const asked = message.role === 'user'
  const width = asked ? columnWidth * QUESTION_WIDTH - 32 : columnWidth
  const perLine = Math.max(10, Math.floor(width / CHARACTER_PX))
  const pictures = message.images.length > 0 ? PICTURE_PX : 0
  const files = message.files.length > 0 ? FILE_PX : 0
  return (asked ? QUESTION_FRAME_PX : ANSWER_FRAME_PX) + textHeight(message.content, perLine) + pictures + files
}

function textHeight(text: string, charactersPerLine: number): number {
  let lines = 0
  let blocks = 0
  for (let start = 0; start <= text.length; ) {
    const newline = text.indexOf('\n', start)
    const end = newline === -1 ? text.length : newline
    if (end === start) blocks += 1
    else lines += Math.ceil((end - start) / charactersPerLine)
    start = end + 1
  }
  return lines * LINE_PX + blocks * BLOCK_PX
}
