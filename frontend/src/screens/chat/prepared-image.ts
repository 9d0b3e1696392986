// Pictures made ready in the browser: at most 2048 px, upright, in a format that the gateway takes.
import { encodedType, fitted, jpegOrientation, renamed } from './image-size'

/** A picture that this browser cannot read. */
export class UnreadableImage extends Error {}

const QUALITY = 0.9
/** Orientation stands in the first segments; no need to read the rest. */
const HEADER_BYTES = 128 * 1024

/** The file itself where nothing has to change, else a new one; raises `UnreadableImage`. */
export async function preparedImage(file: File): Promise<File> {
  const bitmap = await decoded(file)
  try {
    const size = fitted(bitmap)
    const type = encodedType(file.type)
    const fits = size.width === bitmap.width && type === file.type
    if (fits && (await isUpright(file))) return file
    const canvas = document.createElement('canvas')
    Object.assign(canvas, size)
    const context = canvas.getContext('2d')
    if (context === null) return file
    context.imageSmoothingQuality = 'high'
    context.drawImage(bitmap, 0, 0, size.width, size.height)
    const blob = await encoded(canvas, type)
    return new File([blob], renamed(file.name, blob.type), { type: blob.type })
  } finally {
    bitmap.close()
  }
}

async function decoded(file: File): Promise<ImageBitmap> {
  try {
    return await createImageBitmap(file, { imageOrientation: 'from-image' })
  } catch (error) {
    throw new UnreadableImage(file.name, { cause: error })
  }
}

/** Models read pixels, not EXIF: what a phone stored lying down has to be turned. */
async function isUpright(file: File): Promise<boolean> {
  if (file.type !== 'image/jpeg') return true
  return jpegOrientation(await file.slice(0, HEADER_BYTES).arrayBuffer()) === 1
}

function encoded(canvas: HTMLCanvasElement, type: string): Promise<Blob> {
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new UnreadableImage('toBlob'))), type, QUALITY)
  })
}
