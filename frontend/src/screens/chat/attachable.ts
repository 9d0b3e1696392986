// Which files can go along with a question. Pure; what is inside a file the gateway judges.

export const LARGEST_BYTES = 32 * 1024 * 1024
export const MOST_FILES = 10

export type Attachability = 'image' | 'file' | 'tooLarge' | 'unreadable'

/** Formats that are neither pictures nor text, by their media type and, where browsers know none, by their ending. */
const UNREADABLE_TYPES =
  /^(audio|video|font)\/|zip|officedocument|msword|ms-excel|ms-powerpoint|opendocument|octet-stream/
const UNREADABLE_ENDINGS = /\.(docx?|xlsx?|pptx?|od[tsp]|zip|gz|tar|7z|rar|exe|dll|bin|mp[34]|mov|wav|gguf|heic)$/i

export function attachability(file: { name: string; type: string; size: number }): Attachability {
  const picture = file.type.startsWith('image/') && file.type !== 'image/svg+xml'
  // Pictures are made smaller before they are sent.
  if (picture && !UNREADABLE_ENDINGS.test(file.name)) return 'image'
  if (UNREADABLE_TYPES.test(file.type) || UNREADABLE_ENDINGS.test(file.name)) return 'unreadable'
  return file.size > LARGEST_BYTES ? 'tooLarge' : 'file'
}
