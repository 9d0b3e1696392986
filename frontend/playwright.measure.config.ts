import base from './playwright.config'

/** `npx playwright test -c playwright.measure.config.ts`: the figures of docs/performance-ui.md, on a quiet machine. */
export default {
  ...base,
  testDir: 'measure',
  testMatch: /\.measure\.ts$/,
  workers: 1,
  reporter: 'line',
  use: { ...base.use, trace: 'off', screenshot: 'off' },
  projects: [base.projects?.[0] ?? {}].map((project) => ({ ...project, testIgnore: [] })),
}
