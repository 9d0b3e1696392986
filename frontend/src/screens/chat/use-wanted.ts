import { type RefObject, useEffect, useRef } from 'react'
import type { ConversationChanges } from '../../api/conversation-types'
import { newestLeaf, type Tree } from '../../parts/conversation/tree'
import type { MessageListHandle } from './message-list'

interface WantedOptions {
  /** The message that a search led to. */
  wantedId: string | null
  tree: Tree
  change: (changes: ConversationChanges) => void
  list: RefObject<MessageListHandle | null>
}

/** Shows the branch of a message that a search led to, and scrolls there; once for each time it is wanted. */
export function useWanted({ wantedId, tree, change, list }: WantedOptions): void {
  const done = useRef<string | null>(null)
  useEffect(() => {
    if (wantedId === null || done.current === wantedId || !tree.byId.has(wantedId)) return
    done.current = wantedId
    const leaf = newestLeaf(tree, wantedId)
    if (leaf !== undefined) change({ active_message_id: leaf.id })
    list.current?.reveal(wantedId)
  }, [wantedId, tree, change, list])
}
