// Finding words in the shown branch. Pure.
import type { Message } from '../../api/conversation-types'

/** Ids of the messages that contain the words as they are written, whatever their case and accents; in order. */
export function foundMessages(messages: readonly Message[], words: string): string[] {
  const wanted = plain(words.trim())
  if (wanted === '') return []
  return messages.filter((message) => plain(message.content).includes(wanted)).map(({ id }) => id)
}

/** Lower case without accents. */
export function plain(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase()
}

/** Where the words stand in a text; places count its UTF-16 units. */
export function placesOf(text: string, words: string): [start: number, end: number][] {
  const wanted = plain(words.trim())
  if (wanted === '') return []
  const { letters, origins } = folded(text)
  const places: [number, number][] = []
  for (let at = letters.indexOf(wanted); at >= 0; at = letters.indexOf(wanted, at + wanted.length)) {
    places.push([origins[at] ?? 0, origins[at + wanted.length] ?? text.length])
  }
  return places
}

/** A text as `plain` makes it, with the place that each of its units came from. */
function folded(text: string): { letters: string; origins: number[] } {
  let letters = ''
  const origins: number[] = []
  let at = 0
  for (const letter of text) {
    const part = plain(letter)
    letters += part
    for (let unit = 0; unit < part.length; unit++) origins.push(at)
    at += letter.length
  }
  return { letters, origins }
}
