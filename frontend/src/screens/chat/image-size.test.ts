import { expect, test } from 'vitest'
import { encodedType, fitted, jpegOrientation, renamed } from './image-size'

test.each([
  [
    { width: 4000, height: 3000 },
    { width: 2048, height: 1536 },
  ],
  [
    { width: 1000, height: 8000 },
    { width: 256, height: 2048 },
  ],
  [
    { width: 2048, height: 2048 },
    { width: 2048, height: 2048 },
  ],
  [
    { width: 30, height: 20 },
    { width: 30, height: 20 },
  ],
  [
    { width: 90_000, height: 1 },
    { width: 2048, height: 1 },
  ],
])('%j fits as %j', (size, fit) => {
  expect(fitted(size)).toEqual(fit)
})

test('keeps what the gateway takes and makes PNG of the rest', () => {
  expect(['image/jpeg', 'image/webp', 'image/png', 'image/gif', ''].map(encodedType)).toEqual([
    'image/jpeg',
    'image/webp',
    'image/png',
    'image/png',
    'image/png',
  ])
})

test('gives a converted picture the ending of its type', () => {
  expect(renamed('photo.JPEG', 'image/jpeg')).toBe('photo.JPEG')
  expect(renamed('scan.tiff', 'image/png')).toBe('scan.png')
  expect(renamed('clip.v2.gif', 'image/webp')).toBe('clip.v2.webp')
  expect(renamed('noname', 'image/png')).toBe('noname.png')
})

function jpeg(orientation: number, little: boolean): ArrayBuffer {
  const view = new DataView(new ArrayBuffer(60))
  view.setUint16(0, 0xffd8)
  // A JFIF segment before the EXIF one, as cameras' software writes it.
  view.setUint16(2, 0xffe0)
  view.setUint16(4, 6)
  view.setUint16(10, 0xffe1)
  view.setUint16(12, 40)
  view.setUint32(14, 0x45786966)
  const tiff = 20
  view.setUint16(tiff, little ? 0x4949 : 0x4d4d)
  view.setUint16(tiff + 2, 42, little)
  view.setUint32(tiff + 4, 8, little)
  view.setUint16(tiff + 8, 1, little)
  view.setUint16(tiff + 10, 0x0112, little)
  view.setUint16(tiff + 12, 3, little)
  view.setUint32(tiff + 14, 1, little)
  view.setUint16(tiff + 18, orientation, little)
  return view.buffer
}

test.each([true, false])('reads the orientation of a JPEG (little endian: %s)', (little) => {
  expect(jpegOrientation(jpeg(6, little))).toBe(6)
})

test('takes anything else as upright', () => {
  expect(jpegOrientation(new ArrayBuffer(0))).toBe(1)
  expect(jpegOrientation(new TextEncoder().encode('not a picture at all').buffer as ArrayBuffer)).toBe(1)
  expect(jpegOrientation(jpeg(77, true))).toBe(1)
  expect(jpegOrientation(jpeg(6, true).slice(0, 34))).toBe(1)
})
