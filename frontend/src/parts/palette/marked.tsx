/** A snippet with what was found in it marked; `marks` are begin and end of each place. */
export function Marked({ text, marks }: { text: string; marks: readonly (readonly number[])[] }) {
  return markedParts(text, marks).map((part) =>
    part.isMark ? <mark key={part.at}>{part.text}</mark> : <span key={part.at}>{part.text}</span>,
  )
}

interface Part {
  at: number
  text: string
  isMark: boolean
}

export function markedParts(text: string, marks: readonly (readonly number[])[]): Part[] {
  const parts: Part[] = []
  let at = 0
  for (const [begin = 0, end = 0] of marks) {
    if (begin > at) parts.push({ at, text: text.slice(at, begin), isMark: false })
    parts.push({ at: begin, text: text.slice(begin, end), isMark: true })
    at = end
  }
  if (at < text.length) parts.push({ at, text: text.slice(at), isMark: false })
  return parts
}
