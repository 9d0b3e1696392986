import { existsSync } from 'node:fs'
import { defineConfig, devices } from '@playwright/test'

const chromium = process.env.CHROMIUM ?? '/usr/bin/chromium'
if (!existsSync(chromium))
  throw new Error(`There is no Chromium at ${chromium}: install the package chromium, or set CHROMIUM.`)

const desktop = { ...devices['Desktop Chrome'], viewport: { width: 1280, height: 800 } }
const phone = {
  ...desktop,
  viewport: { width: 390, height: 844 },
  hasTouch: true,
  isMobile: true,
  deviceScaleFactor: 2,
}

export default defineConfig({
  testDir: 'e2e',
  outputDir: 'test-results',
  globalSetup: './e2e/support/set-up.ts',
  // The gateway, its engine and two browsers share the machine's cores.
  workers: 2,
  fullyParallel: true,
  forbidOnly: process.env.CI === 'true',
  timeout: 60_000,
  globalTimeout: 10 * 60_000,
  expect: { timeout: 15_000 },
  reporter: 'list',
  use: {
    locale: 'en-GB',
    timezoneId: 'UTC',
    trace: 'retain-on-failure',
    screenshot: 'only-on-failure',
    actionTimeout: 15_000,
    launchOptions: { executablePath: chromium, args: ['--no-sandbox'] },
  },
  projects: [
    { name: 'desktop', use: { ...desktop, colorScheme: 'light' }, testIgnore: /\.(phone|dark|pictures)\.spec\.ts$/ },
    { name: 'dark', use: { ...desktop, colorScheme: 'dark' }, testMatch: /\.dark\.spec\.ts$/ },
    { name: 'phone', use: { ...phone, colorScheme: 'light' }, testMatch: /\.phone\.spec\.ts$/ },
  ],
})
