// What a page hands to the browser's downloads: this environment has a link's click, but no downloads.
import { onTestFinished, vi } from 'vitest'

export interface Downloaded {
  name: string
  text: string
}

/** From now on until the test ends, files are caught. What comes back lists them, oldest first. */
export function catchDownloads(): Downloaded[] {
  const caught: Downloaded[] = []
  const files = new Map<string, Blob>()
  const urls = vi.spyOn(URL, 'createObjectURL').mockImplementation((file) => {
    const url = `blob:file-${files.size}`
    files.set(url, file as Blob)
    return url
  })
  const clicks = vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (this: HTMLAnchorElement) {
    const file = files.get(this.href)
    if (file) void file.text().then((text) => caught.push({ name: this.download, text }))
  })
  onTestFinished(() => {
    urls.mockRestore()
    clicks.mockRestore()
  })
  return caught
}
