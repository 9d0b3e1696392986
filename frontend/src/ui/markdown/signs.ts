/** Characters that nobody sees but that change how text reads: shown by their number instead. */

/** In prose: overrides and embeddings. Isolates and marks are part of honest Hebrew and Arabic. */
export const IN_PROSE = /[\u202a-\u202e]/u
/** In code nothing that turns directions, and no letters hidden in tags, has an honest use. */
export const IN_CODE = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\u{e0001}-\u{e007f}]/u

export type Piece = { text: string } | { sign: string }

/** `text` cut at the characters that `pattern` matches, each named like "U+202E". */
export function withSigns(text: string, pattern: RegExp): Piece[] {
  if (!pattern.test(text)) return [{ text }]
  const parts = text.split(new RegExp(`(${pattern.source})`, pattern.flags))
  return parts
    .filter((part) => part !== '')
    .map((part) => (pattern.test(part) ? { sign: nameOf(part) } : { text: part }))
}

function nameOf(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`
}
