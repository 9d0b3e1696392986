import { lazy, Suspense } from 'react'

export interface MarkdownProps {
  /** What the model wrote, so far. */
  text: string
  /** More may come: what is unfinished at the end is shown calmly, code is coloured when its block is whole. */
  streaming?: boolean
}

const load = () => import('./markdown-body')
const Body = lazy(load)

/** Fetches the renderer before the first answer needs it. */
export async function preloadMarkdown(): Promise<void> {
  await load()
}

/** A model's answer. Nothing in it can run, load from elsewhere or reach outside its box. */
export function Markdown({ text, streaming = false }: MarkdownProps) {
  return (
    <Suspense fallback={<p className="whitespace-pre-wrap wrap-anywhere">{text}</p>}>
      <Body text={text} streaming={streaming} />
    </Suspense>
  )
}
