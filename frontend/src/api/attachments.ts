// Files that go along with questions: sending them up, getting them back, what a model is sent of them.
import { queryOptions } from '@tanstack/react-query'
import { gateway, openOk, unwrap } from './client'
import type { Attachment } from './conversation-types'
import { type UploadOptions, upload } from './upload'

/** Raises ApiError. */
export async function uploadAttachment(file: File, options: UploadOptions): Promise<Attachment> {
  const form = new FormData()
  form.set('file', file)
  return upload<Attachment>('/api/v1/attachments', form, options)
}

/** Only while no message uses it. */
export async function deleteAttachment(id: string): Promise<void> {
  await unwrap(gateway.DELETE('/api/v1/attachments/{id}', { params: { path: { id } } }))
}

export async function attachmentBytes(id: string, signal?: AbortSignal): Promise<Blob> {
  const response = await openOk(`/api/v1/attachments/${id}`, signal ? { signal } : {})
  return response.blob()
}

export const attachmentQueries = {
  /** The text that models are sent of a file. */
  text: (id: string) =>
    queryOptions({
      queryKey: ['attachments', 'text', id] as const,
      queryFn: async ({ signal }) => {
        const { text } = await unwrap(
          gateway.GET('/api/v1/attachments/{id}/text', { params: { path: { id } }, signal }),
        )
        return text
      },
      staleTime: Number.POSITIVE_INFINITY,
    }),
  /** A picture's bytes; pictures never change. */
  bytes: (id: string) =>
    queryOptions({
      queryKey: ['attachments', 'bytes', id] as const,
      queryFn: ({ signal }) => attachmentBytes(id, signal),
      staleTime: Number.POSITIVE_INFINITY,
      structuralSharing: false,
    }),
}
