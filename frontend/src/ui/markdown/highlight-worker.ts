import { highlight } from './highlight'

/** `code` in `language`, answered under the same `id`. */
export interface HighlightQuestion {
  id: number
  code: string
  language: string
}

self.addEventListener('message', async (event: MessageEvent<HighlightQuestion>) => {
  const { id, code, language } = event.data
  self.postMessage({ id, tokens: await highlight(code, language) })
})
