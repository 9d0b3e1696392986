/** Where a link of an answer really goes, and whether its text says something else. */

export type Target = { href: string; host: string; secure: boolean } | { href: string; mailbox: string }

/** What may be opened: the web and mail, by whole addresses. Everything else is null and stays text. */
export function targetOf(href: string | undefined): Target | null {
  if (!href || !URL.canParse(href)) return null
  const url = new URL(href)
  if (url.protocol === 'mailto:') return { href: url.href, mailbox: decoded(url.pathname) }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return null
  if (url.host === '') return null
  return { href: url.href, host: url.host, secure: url.protocol === 'https:' }
}

/** The host or mailbox to show beside a link whose text looks like another address than its target; else null. */
export function realTarget(text: string, target: Target): string | null {
  if ('mailbox' in target) {
    const mailbox = /[^\s<>()]+@[^\s<>()]+/.exec(visible(text))?.[0]
    return mailbox && mailbox.toLowerCase() !== target.mailbox.toLowerCase() ? target.mailbox : null
  }
  const url = new URL(target.href)
  // https://bank.example@evil.example reads like the bank, and xn-- like anything.
  if (url.username !== '' || url.host.includes('xn--')) return target.host
  const pretended = hostsIn(text)
  return pretended.some((host) => !belongs(url.hostname, host)) ? target.host : null
}

/** Everything in a text that a reader could take for a host. */
function hostsIn(text: string): string[] {
  const found = visible(text).match(/[\p{L}\p{N}_-]{1,63}(?:[.。．][\p{L}\p{N}_-]{1,63}){1,20}/gu) ?? []
  return found.map(hostName).filter((host) => host !== null && !/^[\d.]+$/.test(host)) as string[]
}

function hostName(text: string): string | null {
  const address = `http://${text}`
  return URL.canParse(address) ? new URL(address).hostname : null
}

function belongs(host: string, pretended: string): boolean {
  const plain = pretended.replace(/^www\./, '')
  return host === plain || host.endsWith(`.${plain}`)
}

/** Without the characters that cannot be seen. */
function visible(text: string): string {
  return text.normalize('NFKC').replace(/[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g, '')
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch (error) {
    if (error instanceof URIError) return text
    throw error
  }
}
