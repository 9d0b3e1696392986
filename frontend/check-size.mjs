// What a browser must load before it can chat: the page's scripts, the chat screen's, its words, and all that these
// need; the same for the address of a conversation. Sizes are gzipped. Reads the build's manifest (dist, or the folder that is named); exits with 1 above the limit.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'

const LIMIT_KB = 200
const WORDS = ['common', 'sidebar', 'conversations', 'chat', 'picker']
const CHAT = [
  'index.html',
  'src/screens/chat/chat-screen.tsx',
  // German words are the longer ones.
  ...WORDS.map((namespace) => `src/i18n/de/${namespace}.json`),
]
const CONVERSATION = [...CHAT, 'src/screens/chat/open-chat.tsx', 'src/i18n/de/answer.json']

const dist = process.argv[2] ?? new URL('dist', import.meta.url).pathname
const manifest = JSON.parse(readFileSync(join(dist, '.vite/manifest.json'), 'utf8'))

/** [file, size], the biggest first. */
function sizesOf(needed) {
  const chunks = new Set()
  function collect(name) {
    const chunk = manifest[name]
    // What is imported directly is part of another script.
    if (chunk === undefined || chunks.has(chunk)) return
    chunks.add(chunk)
    chunk.imports?.forEach(collect)
  }
  needed.forEach(collect)
  return [...chunks]
    .map(({ file }) => [file, gzipSync(readFileSync(join(dist, file))).length])
    .sort(([, one], [, other]) => other - one)
}

const kb = (bytes) => (bytes / 1000).toFixed(1)

for (const [name, needed] of [
  ['First load', CHAT],
  ['First load of a conversation', CONVERSATION],
]) {
  const sizes = sizesOf(needed)
  const total = sizes.reduce((sum, [, size]) => sum + size, 0)
  process.stdout.write(`${name}: ${kb(total)} of ${LIMIT_KB} kB\n`)
  if (total > LIMIT_KB * 1000) {
    process.stderr.write(sizes.map(([file, size]) => `${kb(size).padStart(7)} kB  ${file}\n`).join(''))
    process.exitCode = 1
  }
}
