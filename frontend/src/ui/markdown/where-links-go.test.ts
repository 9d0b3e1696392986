import { describe, expect, test } from 'vitest'
import { realTarget, targetOf } from './where-links-go'

describe('the address of a link', () => {
  test.each(['https://example.com/a?b=c', 'http://[::1]:8000/', 'mailto:ada@example.com'])('%s is opened', (href) => {
    expect(targetOf(href)?.href).toBe(href)
  })

  test.each([
    'javascript:alert(1)',
    'JaVaScRiPt:alert(1)',
    ' javascript:alert(1)',
    'vbscript:x',
    'data:text/html,<script>',
    'file:///etc/passwd',
    'blob:https://example.com/1',
    'ftp://example.com',
    '/api/v1/conversations',
    '//example.com',
    '#top',
    'settings',
    'https://',
    '',
    undefined,
  ])('%s is not', (href) => {
    expect(targetOf(href)).toBeNull()
  })
})

describe('the real host is shown', () => {
  const shown = (text: string, href: string) => {
    const target = targetOf(href)
    return target && realTarget(text, target)
  }

  test.each([
    ['https://bank.example', 'https://evil.example/bank', 'evil.example'],
    ['bank.example/login', 'https://evil.example', 'evil.example'],
    ['Log in at WWW.Bank.Example now', 'https://evil.example', 'evil.example'],
    ['github.com', 'https://github.com.evil.example', 'github.com.evil.example'],
    ['https://bank.example@evil.example', 'https://bank.example@evil.example', 'evil.example'],
    ['bank\u200b.example', 'https://evil.example', 'evil.example'],
    ['bank。example', 'https://evil.example', 'evil.example'],
    ['ｂａｎｋ.example', 'https://evil.example', 'evil.example'],
    ['bаnk.example', 'https://bаnk.example', 'xn--bnk-6cd.example'],
    ['help@bank.example', 'mailto:evil@evil.example', 'evil@evil.example'],
  ])('beside %s → %s', (text, href, host) => {
    expect(shown(text, href)).toBe(host)
  })

  test.each([
    ['the documentation', 'https://docs.example.com'],
    ['https://example.com/path', 'https://example.com/path'],
    ['example.com', 'https://www.example.com/'],
    ['www.example.com', 'https://example.com/'],
    ['example.com', 'https://docs.example.com/'],
    ['version 1.2.3', 'https://example.com'],
    ['ada@example.com', 'mailto:Ada@example.com'],
    ['write to us', 'mailto:ada@example.com'],
  ])('but not beside %s → %s', (text, href) => {
    expect(shown(text, href)).toBeNull()
  })
})
