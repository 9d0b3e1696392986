import tailwindcss from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import type { Plugin } from 'vite'
import { defineConfig } from 'vitest/config'

// `./patchbay dev` says where the gateway listens; Vite hands it everything that is not a source file.
const gateway = process.env.PATCHBAY_DEV_GATEWAY ?? 'http://127.0.0.1:8000'
const served = ['/api', '/v1', '/openai', '/healthz', '/readyz', '/docs', '/redoc', '/openapi.json', '/metrics']

/** The gateway writes <base href> into the page; while developing, Vite serves the page. */
const base: Plugin = {
  name: 'base-href',
  apply: 'serve',
  transformIndexHtml: () => [{ tag: 'base', attrs: { href: '/' }, injectTo: 'head-prepend' }],
}

/** What many screens use stands in one file: a hundred small ones are requested and compressed worse. */
const shared = {
  name: 'shared',
  test: /\/src\/(ui|lib|api|parts|i18n)\/[^.]*\.tsx?$|\/lucide-react\//,
  minShareCount: 8,
}

export default defineConfig({
  // Relative addresses: the server writes <base href> into index.html, so one build works under any sub-path.
  base: './',
  plugins: [react(), tailwindcss(), base],
  build: {
    target: 'es2022',
    assetsInlineLimit: 0,
    manifest: true,
    rolldownOptions: { output: { codeSplitting: { groups: [shared] } } },
  },
  // A worker that loads grammars as it needs them is a module.
  worker: { format: 'es' },
  server: { proxy: Object.fromEntries(served.map((path) => [path, gateway])) },
  test: {
    environment: 'happy-dom',
    testTimeout: 20_000,
    setupFiles: './src/test/setup.ts',
    include: ['src/**/*.test.{ts,tsx}'],
  },
})
