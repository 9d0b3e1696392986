// A conversation's messages as the tree that they are. Pure; the server's order (oldest first) is the order of siblings.
import type { Message } from '../../api/conversation-types'

export interface Tree {
  byId: ReadonlyMap<string, Message>
  /** Children by their parent's id, oldest first; roots below null. */
  children: ReadonlyMap<string | null, readonly Message[]>
}

export function treeOf(messages: readonly Message[]): Tree {
  const byId = new Map(messages.map((message) => [message.id, message]))
  const children = new Map<string | null, Message[]>()
  for (const message of messages) {
    // A message whose parent was removed stands as a root, rather than nowhere.
    const parent = message.parent_id !== null && byId.has(message.parent_id) ? message.parent_id : null
    const siblings = children.get(parent)
    if (siblings === undefined) children.set(parent, [message])
    else siblings.push(message)
  }
  return { byId, children }
}

/** From the first message to the active one; the newest branch when none (or an unknown one) is active. */
export function activePath(tree: Tree, activeId: string | null): Message[] {
  const active = activeId === null ? undefined : tree.byId.get(activeId)
  const path: Message[] = []
  for (let at = active ?? newestLeaf(tree, null); at !== undefined; at = parentOf(tree, at)) path.push(at)
  return path.reverse()
}

export function parentOf(tree: Tree, message: Message): Message | undefined {
  return message.parent_id === null ? undefined : tree.byId.get(message.parent_id)
}

/** The message itself among those with the same parent, oldest first. */
export function siblingsOf(tree: Tree, message: Message): readonly Message[] {
  const parent = parentOf(tree, message)
  return tree.children.get(parent?.id ?? null) ?? [message]
}

/** Where a branch leads: below `from` always to the newest child; below null from the newest root. */
export function newestLeaf(tree: Tree, from: string | null): Message | undefined {
  let leaf = from === null ? undefined : tree.byId.get(from)
  for (let next = newestChild(tree, from); next !== undefined; next = newestChild(tree, next.id)) leaf = next
  return leaf
}

function newestChild(tree: Tree, id: string | null): Message | undefined {
  return tree.children.get(id)?.at(-1)
}

/** `message` and everything below it. */
export function subtreeIds(tree: Tree, id: string): string[] {
  const ids = [id]
  for (let position = 0; position < ids.length; position++) {
    for (const child of tree.children.get(ids[position] ?? null) ?? []) ids.push(child.id)
  }
  return ids
}

/** What is shown once `message` is removed: the branch beside it, else what it answered. */
export function activeWithout(tree: Tree, message: Message): string | null {
  const siblings = siblingsOf(tree, message)
  const position = siblings.findIndex(({ id }) => id === message.id)
  const neighbour = siblings[position - 1] ?? siblings[position + 1]
  return neighbour === undefined ? message.parent_id : (newestLeaf(tree, neighbour.id)?.id ?? neighbour.id)
}
