// Folders of conversations.
import { queryOptions } from '@tanstack/react-query'
import { gateway, type Schemas, unwrap } from './client'

export type Folder = Schemas['FolderOut']

const MOST = 200

export const folderQueries = {
  all: () => ['folders'] as const,
  list: () =>
    queryOptions({
      queryKey: folderQueries.all(),
      queryFn: async ({ signal }) => {
        const page = await unwrap(gateway.GET('/api/v1/folders', { params: { query: { limit: MOST } }, signal }))
        return page.items
      },
    }),
}

export function createFolder(name: string): Promise<Folder> {
  return unwrap(gateway.POST('/api/v1/folders', { body: { name } }))
}

export function renameFolder(id: string, name: string): Promise<Folder> {
  return unwrap(gateway.PATCH('/api/v1/folders/{id}', { params: { path: { id } }, body: { name } }))
}

/** Its conversations stay. */
export async function deleteFolder(id: string): Promise<void> {
  await unwrap(gateway.DELETE('/api/v1/folders/{id}', { params: { path: { id } } }))
}
