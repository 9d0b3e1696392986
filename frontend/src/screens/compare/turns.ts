// A comparison's conversation as rows: each question once, with every column's answer to it. Pure.
import type { Message } from '../../api/conversation-types'
import { activePath, type Tree } from '../../parts/conversation/tree'

export interface Column {
  model: string
  message_id: string | null
}

export interface Turn {
  key: string
  question: Message
  /** One per column; null where a column was not asked, or its answer is gone. */
  answers: readonly (Message | null)[]
}

export function turnsOf(tree: Tree, columns: readonly Column[]): Turn[] {
  const branches = columns.map((column) => pairsOf(tree, column.message_id))
  const count = Math.max(0, ...branches.map((pairs) => pairs.length))
  return Array.from({ length: count }, (_, index) => branches.map((pairs) => pairs[index] ?? null)).flatMap((pairs) => {
    const question = pairs.find((pair) => pair !== null)?.question
    if (question === undefined) return []
    return [{ key: question.id, question, answers: pairs.map((pair) => pair?.answer ?? null) }]
  })
}

interface Pair {
  question: Message
  answer: Message | null
}

function pairsOf(tree: Tree, leafId: string | null): Pair[] {
  if (leafId === null || !tree.byId.has(leafId)) return []
  const pairs: Pair[] = []
  for (const message of activePath(tree, leafId)) {
    const last = pairs.at(-1)
    if (message.role === 'user') pairs.push({ question: message, answer: null })
    else if (message.role === 'assistant' && last !== undefined) last.answer = message
  }
  return pairs
}
