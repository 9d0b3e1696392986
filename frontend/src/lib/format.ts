// Figures in words of the reader's language, with their units.

export function wholeNumber(value: number, language: string): string {
  return new Intl.NumberFormat(language, { maximumFractionDigits: 0 }).format(value)
}

/** 1,234 as it is; 12.3K, 4.5M from ten thousand on. */
export function compactNumber(value: number, language: string): string {
  if (Math.abs(value) < 10_000) return wholeNumber(value, language)
  return new Intl.NumberFormat(language, { notation: 'compact', maximumFractionDigits: 1 }).format(value)
}

/** Small sums keep the digits that tell them apart: $0.0004, $0.12, $34.50. */
export function money(usd: number, language: string): string {
  const digits = usd === 0 || Math.abs(usd) >= 0.1 ? 2 : Math.min(6, 1 - Math.floor(Math.log10(Math.abs(usd))))
  return new Intl.NumberFormat(language, {
    style: 'currency',
    currency: 'USD',
    minimumFractionDigits: 2,
    maximumFractionDigits: digits,
  }).format(usd)
}

/** 85 ms, 0.21 s, 4 s, 3 min 20 s, 2 h 5 min. */
export function duration(ms: number, language: string): string {
  // The symbols are the same in every language; Intl's own would be "sec" here and "Sek." there.
  const unit = (value: number, symbol: string, digits = 0) =>
    `${new Intl.NumberFormat(language, { maximumFractionDigits: digits }).format(value)} ${symbol}`
  if (ms === 0) return unit(0, 's')
  if (ms < 100) return unit(ms, 'ms')
  if (ms < 10_000 && ms % 1000 !== 0) return unit(ms / 1000, 's', ms < 1000 ? 2 : 1)
  const seconds = Math.round(ms / 1000)
  if (seconds < 60) return unit(seconds, 's')
  if (seconds < 3600) return both(unit(Math.floor(seconds / 60), 'min'), seconds % 60 ? unit(seconds % 60, 's') : '')
  const minutes = Math.round(seconds / 60)
  return both(unit(Math.floor(minutes / 60), 'h'), minutes % 60 ? unit(minutes % 60, 'min') : '')
}

function both(first: string, second: string): string {
  return second === '' ? first : `${first} ${second}`
}

/** 812 B, 12.3 kB, 4.5 MB. */
export function fileSize(bytes: number, language: string): string {
  const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte']
  let value = bytes
  let step = 0
  while (value >= 1000 && step < units.length - 1) {
    value /= 1000
    step += 1
  }
  return new Intl.NumberFormat(language, {
    style: 'unit',
    unit: units[step] ?? 'byte',
    unitDisplay: 'short',
    maximumFractionDigits: 1,
  }).format(value)
}

/** 8k, 128k, 1M: how models' contexts are named. */
export function contextLength(tokens: number): string {
  if (tokens >= 1_000_000) return `${Math.round(tokens / 100_000) / 10}M`
  return tokens >= 1000 ? `${Math.round(tokens / 1024) || 1}k` : String(tokens)
}

/** How long something has lasted, in one unit: 40 sec, 3 min, 2 hr, 5 days. */
export function lasting(ms: number, language: string): string {
  const seconds = Math.max(0, Math.round(ms / 1000))
  const steps = [
    ['second', 60],
    ['minute', 60],
    ['hour', 24],
  ] as const
  let value = seconds
  for (const [unit, size] of steps) {
    if (value < size) return inUnit(value, unit, language)
    value = Math.round(value / size)
  }
  return inUnit(value, 'day', language)
}

function inUnit(value: number, unit: string, language: string): string {
  return new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'short' }).format(value)
}
