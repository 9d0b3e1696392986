// Pure rules for pictures before they are sent: how large, how encoded, and which way up.

export const LONGEST_SIDE_PX = 2048

export interface Size {
  width: number
  height: number
}

/** The largest size of the same shape whose longer side fits; never larger than it is. */
export function fitted({ width, height }: Size, longest = LONGEST_SIDE_PX): Size {
  const scale = Math.min(1, longest / Math.max(width, height))
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) }
}

const KEPT_TYPES = ['image/jpeg', 'image/png', 'image/webp']

/** What the gateway takes stays as it is; any other picture becomes PNG. */
export function encodedType(type: string): string {
  return KEPT_TYPES.includes(type) ? type : 'image/png'
}

/** The file's name with the ending of its new type. */
export function renamed(name: string, type: string): string {
  const ending = { 'image/jpeg': '.jpg', 'image/webp': '.webp' }[type] ?? '.png'
  if (ending === '.jpg' && /\.jpe?g$/i.test(name)) return name
  return name.replace(/\.[a-z0-9]{1,5}$/i, '') + ending
}

const EXIF = 0x45786966
const ORIENTATION_TAG = 0x0112

/** EXIF orientation 1–8 from the beginning of a JPEG (Exif 2.3, 4.6.4): 1 when it stands upright or says nothing. */
export function jpegOrientation(bytes: ArrayBuffer): number {
  const view = new DataView(bytes)
  if (view.byteLength < 4 || view.getUint16(0) !== 0xffd8) return 1
  let at = 2
  while (at + 4 <= view.byteLength) {
    const marker = view.getUint16(at)
    if (marker === 0xffe1 && at + 18 <= view.byteLength && view.getUint32(at + 4) === EXIF) {
      return orientationTag(view, at + 10)
    }
    if ((marker & 0xff00) !== 0xff00 || marker === 0xffda) return 1
    at += 2 + view.getUint16(at + 2)
  }
  return 1
}

/** The tag in a TIFF header that starts at `tiff`. */
function orientationTag(view: DataView, tiff: number): number {
  const little = view.getUint16(tiff) === 0x4949
  const directory = tiff + view.getUint32(tiff + 4, little)
  if (directory + 2 > view.byteLength) return 1
  const count = view.getUint16(directory, little)
  for (let entry = directory + 2; entry < directory + 2 + count * 12; entry += 12) {
    if (entry + 12 > view.byteLength) return 1
    if (view.getUint16(entry, little) !== ORIENTATION_TAG) continue
    const value = view.getUint16(entry + 8, little)
    return value >= 1 && value <= 8 ? value : 1
  }
  return 1
}
