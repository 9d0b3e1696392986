// Marks found words in the page without touching what React drew (CSS Custom Highlight API).
import { placesOf } from './found-messages'

const NAME = 'found'
const CURRENT = 'found-current'

/** Ranges of the words below `root`, in order; words that cross elements are found in each text on its own. */
export function rangesOf(root: Element, words: string): Range[] {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT)
  const ranges: Range[] = []
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    for (const [start, end] of placesOf(node.textContent ?? '', words)) {
      const range = document.createRange()
      range.setStart(node, start)
      range.setEnd(node, end)
      ranges.push(range)
    }
  }
  return ranges
}

/** Browsers without the API show the message all the same, without marks. */
export function mark(ranges: readonly Range[], current: Range | undefined): void {
  if (!('highlights' in CSS)) return
  CSS.highlights.set(NAME, new Highlight(...ranges))
  CSS.highlights.set(CURRENT, new Highlight(...(current === undefined ? [] : [current])))
}

export function unmark(): void {
  if (!('highlights' in CSS)) return
  CSS.highlights.delete(NAME)
  CSS.highlights.delete(CURRENT)
}
