import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'

// `./patchbay dev` says where the gateway listens; Vite hands it everything that is not a source file.
const gateway = process.env.PATCHBAY_DEV_GATEWAY ?? 'http://127.0.0.1:8000'
const served = ['/api', '/v1', '/openai', '/healthz', '/readyz', '/docs', '/redoc', '/openapi.json', '/metrics']

export default defineConfig({
  // Relative addresses: the server writes <base href> into index.html, so one build works under any sub-path.
  base: './',
  plugins: [react()],
  build: { target: 'es2022', assetsInlineLimit: 0 },
  server: { proxy: Object.fromEntries(served.map((path) => [path, gateway])) },
  test: {
    environment: 'happy-dom',
    // The tests' gateway listens on a port of its own, which a browser would call another origin.
    environmentOptions: { happyDOM: { settings: { fetch: { disableSameOriginPolicy: true } } } },
    setupFiles: './src/test/setup.ts',
  },
})
