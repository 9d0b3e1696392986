/** An answer's text as it is read: what the page shows of it, without the marks of Markdown. */
export function plainTextOf(inside: HTMLElement | null, markdown: string): string {
  const shown = inside?.closest('article')?.querySelector<HTMLElement>('[data-answer-text]')
  // Line breaks as they are seen, not as the source happens to be nested.
  // biome-ignore lint/performance/useDomNodeTextContent: the reason above
  return shown?.innerText ?? markdown
}
