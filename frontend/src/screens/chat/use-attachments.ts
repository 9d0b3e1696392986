import { useEffect, useReducer, useRef } from 'react'
import { deleteAttachment, uploadAttachment } from '../../api/attachments'
import { ApiError } from '../../api/client'
import type { Attachment } from '../../api/conversation-types'
import { attachability, MOST_FILES } from './attachable'
import { preparedImage, UnreadableImage } from './prepared-image'

/** Why a file does not go along: a word of ours, or the gateway's sentence. */
export type AttachProblem = 'tooLarge' | 'unreadable' | 'unreadableImage' | 'tooMany' | 'unreachable' | { said: string }

export interface Attaching {
  key: string
  name: string
  kind: 'image' | 'file'
  sizeBytes: number
  /** How much of it is sent, 0 to 1. */
  progress: number
  /** Once it is there. */
  attachment: Attachment | null
  problem: AttachProblem | null
}

type Change =
  | { type: 'add'; one: Attaching }
  | { type: 'change'; key: string; fields: Partial<Attaching> }
  | { type: 'remove'; key: string }
  | { type: 'clear' }

function changed(list: readonly Attaching[], change: Change): readonly Attaching[] {
  switch (change.type) {
    case 'add':
      return [...list, change.one]
    case 'change':
      return list.map((one) => (one.key === change.key ? { ...one, ...change.fields } : one))
    case 'remove':
      return list.filter((one) => one.key !== change.key)
    case 'clear':
      return []
  }
}

let count = 0

function entry(file: Pick<File, 'name' | 'size'>, kind: 'image' | 'file', fields: Partial<Attaching> = {}): Attaching {
  count += 1
  const rest = { progress: 0, attachment: null, problem: null }
  return { key: `file-${count}`, name: file.name, kind, sizeBytes: file.size, ...rest, ...fields }
}

function readyEntry(attachment: Attachment): Attaching {
  return entry({ name: attachment.name, size: attachment.size_bytes }, attachment.kind, { progress: 1, attachment })
}

/** Files on their way to the gateway; they are sent as soon as they are chosen. */
export function useAttachments(initial: readonly Attachment[]) {
  const [list, dispatch] = useReducer(changed, initial, (ready) => ready.map(readyEntry))
  const uploads = useRef(new Map<string, AbortController>())

  useEffect(() => () => callOff(uploads.current), [])

  async function send(file: File, one: Attaching) {
    const calling = new AbortController()
    uploads.current.set(one.key, calling)
    const change = (fields: Partial<Attaching>) => dispatch({ type: 'change', key: one.key, fields })
    try {
      const prepared = one.kind === 'image' ? await preparedImage(file) : file
      const onProgress = (progress: number) => change({ progress })
      change({ attachment: await uploadAttachment(prepared, { onProgress, signal: calling.signal }), progress: 1 })
    } catch (error) {
      if (!calling.signal.aborted) change({ problem: problemOf(error) })
    } finally {
      uploads.current.delete(one.key)
    }
  }

  return {
    list,
    add(files: Iterable<File>) {
      let room = MOST_FILES - list.length
      for (const file of files) {
        const kind = attachability(file)
        const problem = room <= 0 ? 'tooMany' : kind === 'image' || kind === 'file' ? null : kind
        const one = entry(file, kind === 'image' ? 'image' : 'file', { problem })
        room -= 1
        dispatch({ type: 'add', one })
        if (problem === null) void send(file, one)
      }
    },
    remove({ key, attachment }: Attaching) {
      uploads.current.get(key)?.abort()
      dispatch({ type: 'remove', key })
      // What stays behind is removed by the gateway after a day.
      if (attachment !== null) void deleteAttachment(attachment.id).catch(() => undefined)
    },
    /** Takes these in place of all; used when a question comes back or goes away. */
    reset(attachments: readonly Attachment[]) {
      dispatch({ type: 'clear' })
      for (const attachment of attachments) dispatch({ type: 'add', one: readyEntry(attachment) })
    },
  }
}

function callOff(uploads: Map<string, AbortController>) {
  for (const calling of uploads.values()) calling.abort()
}

function problemOf(error: unknown): AttachProblem {
  if (error instanceof UnreadableImage) return 'unreadableImage'
  if (!(error instanceof ApiError)) throw error
  return error.status === 0 ? 'unreachable' : { said: error.message }
}
